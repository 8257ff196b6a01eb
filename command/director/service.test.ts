import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { wrongChecksums } from '../../reference/testing/packets.ts';
import { arp, ethernet, ip, payload, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import { director } from './director.ts';
import { MemoryHost } from './testing/memory-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'service-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [OUTSIDE, INSIDE, CLIENT, SERVER] = [
  '02:00:00:00:00:01',
  '02:00:00:00:00:02',
  '02:00:00:00:00:c1',
  '02:00:00:00:00:51',
];
const SERVICE = '-A -t 10.0.0.100:80 -s rr\n';
const NAT = '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m\n';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const environment = file(
  'environment.json',
  JSON.stringify({
    ports: [
      { name: 'outside', mac: OUTSIDE, addresses: ['10.0.0.1/24'] },
      { name: 'inside', mac: INSIDE, addresses: ['192.168.1.1/24'] },
    ],
  }),
);

let host: MemoryHost;
beforeEach(() => {
  host = new MemoryHost({
    outside: { mac: OUTSIDE, mtu: 1500, isUp: true },
    inside: { mac: INSIDE, mtu: 1500, isUp: true },
  });
});

async function run(rules: string, drain = 30) {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    columns: null,
    flush: () => Promise.resolve(),
  };
  const options = { rules, interface: ['outside', 'inside'], environment, drain };
  const status = await director(options, terminal, () => Promise.resolve(host));
  return { status, ...said };
}

function at(milliseconds: number, signal: 'SIGHUP' | 'SIGUSR1' | 'SIGTERM' | 'SIGINT'): void {
  host.plan(milliseconds, () => process.emit(signal, signal));
}

function fromClient(flags: string, ...more: readonly Layer[]): Uint8Array {
  return buildPacket([
    ethernet({ source: CLIENT, destination: OUTSIDE }),
    ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
    tcp({ sourcePort: 40001, destinationPort: 80, flags }),
    ...more,
  ]);
}

/** The server makes itself known, so that requests to it need not wait. */
function introduceServer(): void {
  const question = arp({ senderMac: SERVER, senderAddress: '192.168.1.11', targetAddress: '192.168.1.1' });
  const frame = buildPacket([ethernet({ source: SERVER, destination: 'ff:ff:ff:ff:ff:ff' }), question]);
  host.plan(1, () => host.link('inside').arrive(frame));
}

/** Every frame sent there, as the kind and the source of what the Ethernet frame holds. */
function sent(name: string): Layer[][] {
  return host.link(name).sent.map((frame) => dissect(frame).map(({ layer }) => layer));
}

describe('a running director', () => {
  test('says at once that the virtual addresses are here, on the wire that they belong to', async () => {
    at(10, 'SIGTERM');
    expect(await run(file('a.txt', SERVICE))).toMatchObject({ status: 0 });
    expect(sent('outside')).toMatchObject([
      [
        { kind: 'ethernet', source: OUTSIDE, destination: 'ff:ff:ff:ff:ff:ff' },
        { kind: 'arp', operation: 1, senderMac: OUTSIDE, senderAddress: '10.0.0.100', targetAddress: '10.0.0.100' },
      ],
    ]);
    expect(sent('inside')).toEqual([]);
    expect(host.isClosed).toBe(true);
  });

  test('says so of an IPv6 address by an advertisement that nobody asked for (RFC 4861 §7.2.6)', async () => {
    at(10, 'SIGTERM');
    await run(file('six.txt', '-A -t [2001:db8::100]:80 -s rr\n'));
    expect(sent('outside')[0]).toMatchObject([
      { kind: 'ethernet', source: OUTSIDE, destination: '33:33:00:00:00:01' },
      { kind: 'ip6', source: '2001:db8::100', destination: 'ff02::1', hopLimit: 255 },
      { kind: 'icmp6', type: 136 },
      { kind: 'neighbour', target: '2001:db8::100', mac: OUTSIDE },
    ]);
  });

  test('does by itself what is due: three questions for a server, a second apart', async () => {
    host.plan(10, () => host.link('outside').arrive(fromClient('S')));
    const counts: number[] = [];
    for (const time of [500, 1500, 2500, 3500]) host.plan(time, () => counts.push(sent('inside').length));
    at(4000, 'SIGTERM');
    await run(file('b.txt', SERVICE + NAT));
    expect(counts).toEqual([1, 2, 3, 3]);
  });

  test('finishes what the sender left to hardware before it forwards it', async () => {
    introduceServer();
    const left = fromClient('S', payload(new Uint8Array(100)));
    left.fill(0, 34 + 16, 34 + 18);
    host.plan(10, () => host.link('outside').arrive(left, { checksum: undefined, segmentSize: 40 }));
    at(20, 'SIGTERM');
    await run(file('c.txt', SERVICE + NAT));
    const forwarded = host.link('inside').sent.filter((frame) => frame[13] === 0);
    expect(forwarded.map((frame) => frame.length)).toEqual([94, 94, 74]);
    expect(forwarded.flatMap((frame) => wrongChecksums(frame.subarray(14)))).toEqual([]);
  });

  test('lists on SIGUSR1, with the frames of each interface', async () => {
    introduceServer();
    host.plan(10, () => host.link('outside').arrive(fromClient('S')));
    // The kernel's statistics are those of every second second (ip_vs_est.c).
    at(3000, 'SIGUSR1');
    at(3001, 'SIGTERM');
    const { out } = await run(file('d.txt', SERVICE + NAT), 0);
    expect(out).toMatch(/192\.168\.1\.11:8080 +Masq +1 +1 +0/);
    expect(out).toMatch(/Conns +InPkts[^]*192\.168\.1\.11:8080 +1 +1 +0/);
    expect(out).toMatch(/outside: 1 frames in, 1 out/);
    expect(out).toMatch(/inside: 1 frames in, 2 out/);
  });
});

describe('SIGHUP', () => {
  test('brings a new address, which is announced; a wrong file changes nothing and says where it is wrong', async () => {
    const rules = file('e.txt', SERVICE);
    host.plan(10, () => file('e.txt', `${SERVICE}-A -t 10.0.0.101:80\n`));
    at(11, 'SIGHUP');
    host.plan(20, () => file('e.txt', `${SERVICE}-a -t 10.0.0.100:80 -r 192.168.1.255:80 -m\n`));
    at(21, 'SIGHUP');
    at(25, 'SIGUSR1');
    at(30, 'SIGTERM');
    const { err, out } = await run(rules);
    expect(err).toMatch(
      /1 changes: 2 services, 0 real servers\n.*e\.txt:2: Invalid operation.*; the rules stay as they were\n/,
    );
    expect(out.match(/^TCP.*rr|^TCP.*wlc/gm)).toHaveLength(2);
    expect(sent('outside').map(([, layer]) => layer)).toMatchObject([
      { senderAddress: '10.0.0.100' },
      { senderAddress: '10.0.0.101' },
    ]);
  });
});

describe('the end', () => {
  const established = () => {
    introduceServer();
    host.plan(10, () => host.link('outside').arrive(fromClient('S')));
    host.plan(11, () => host.link('outside').arrive(fromClient('A')));
  };

  test('waits for active connections as long as --drain says', async () => {
    established();
    at(1000, 'SIGTERM');
    const before = host.now();
    expect(await run(file('f.txt', SERVICE + NAT), 7)).toMatchObject({ status: 0 });
    expect(host.now() - before).toBe(8000);
  });

  test('comes two seconds after the last one began to close', async () => {
    established();
    host.plan(3000, () => host.link('outside').arrive(fromClient('AF')));
    at(1000, 'SIGTERM');
    const before = host.now();
    expect(await run(file('g.txt', SERVICE + NAT))).toMatchObject({ status: 0 });
    expect(host.now() - before).toBeGreaterThanOrEqual(4750);
    expect(host.now() - before).toBeLessThanOrEqual(5250);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('comes at once with a second signal: %s', async (signal, status) => {
    established();
    at(1000, signal);
    at(1500, signal);
    const before = host.now();
    expect(await run(file('h.txt', SERVICE + NAT))).toMatchObject({ status });
    expect(host.now() - before).toBe(1500);
  });

  test('takes no new connection: the client is refused', async () => {
    established();
    at(1000, 'SIGTERM');
    const second = buildPacket([
      ethernet({ source: CLIENT, destination: OUTSIDE }),
      ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
      tcp({ sourcePort: 40002, destinationPort: 80, flags: 'S' }),
    ]);
    host.plan(1100, () => host.link('outside').arrive(second));
    await run(file('i.txt', SERVICE + NAT), 2);
    expect(host.link('inside').sent.filter((frame) => frame[13] === 0)).toHaveLength(2);
  });
});
