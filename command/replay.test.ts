import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../conformance/captures/capture.ts';
import { readCapture } from '../conformance/captures/read-capture.ts';
import { writeCapture } from '../conformance/captures/write-capture.ts';
import { findKernel } from '../conformance/targets/kernel/find-kernel.ts';
import { ethernet, ip, payload, tcp, udp, type Layer } from '../reference/wire/layer.ts';
import { buildPacket, dissect } from '../reference/wire/packet.ts';
import { commandLine } from './testing/captured-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const director = '02:00:00:00:00:c1';
const SECOND = 1_000_000_000n;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const twoServers = file(
  'rules.txt',
  `# as ipvsadm-save -n writes it
-A -t 10.0.0.100:80 -s rr
-a -t 10.0.0.100:80 -r 10.0.0.11:8080 -m
-a -t 10.0.0.100:80 -r 10.0.0.12:8080 -m
`,
);

interface Sent {
  readonly at: bigint;
  readonly to?: string;
  readonly packet: readonly Layer[];
  readonly direction?: 'in' | 'out';
}

function syn(port: number): readonly Layer[] {
  return [
    ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
    tcp({ sourcePort: port, destinationPort: 80, flags: 'S' }),
  ];
}

function capture(name: string, ...sent: readonly Sent[]): string {
  const path = join(folder, name);
  const frames = sent.map(({ at, to = director, packet, direction }): CapturedFrame => {
    const bytes = buildPacket([ethernet({ source: '02:00:0a:00:00:02', destination: to }), ...packet]);
    return { timeNs: at, interface: 0, direction, bytes, originalLength: bytes.length };
  });
  writeCapture(path, { interfaces: [{ name: '', snaplen: 0 }], frames });
  return path;
}

/** What comes out, with its times. */
async function replay(input: string, ...options: readonly string[]): Promise<readonly CapturedFrame[]> {
  const out = join(folder, 'answers.pcapng');
  const ended = await commandLine(['replay', input, '--out', out, ...options]);
  expect(ended.err).toBe('');
  expect(ended.status).toBe(0);
  return readCapture(out).frames;
}

function layers(frame: CapturedFrame | undefined): Layer[] {
  return dissect(frame?.bytes ?? new Uint8Array()).map(({ layer }) => layer);
}

function servers(frames: readonly CapturedFrame[]): (string | undefined)[] {
  return frames.map((frame) => {
    const [, network] = layers(frame);
    return network?.kind === 'ip' ? network.destination : undefined;
  });
}

describe('without an environment', () => {
  test('a request reaches the server, whose MAC address follows from its IP address, at the time of the request', async () => {
    const input = capture('two.pcap', { at: 5n * SECOND, packet: syn(40001) }, { at: 6n * SECOND, packet: syn(40002) });
    const frames = await replay(input, '--rules', twoServers);
    expect(frames.map(({ timeNs }) => timeNs)).toEqual([5n * SECOND, 6n * SECOND]);
    expect(layers(frames[0])).toMatchObject([
      {
        kind: 'ethernet',
        source: director,
        destination: expect.stringMatching(/^02:00:0a:00:00:0[bc]$/) as string,
      },
      { kind: 'ip', source: '10.0.0.2', ttl: 63 },
      { kind: 'tcp', destinationPort: 8080, flags: 'S' },
    ]);
    expect(new Set(servers(frames))).toEqual(new Set(['10.0.0.11', '10.0.0.12']));
  });

  test('the clock follows the capture: a half-open connection lasts a minute (paper P15)', async () => {
    const late = (at: bigint): string =>
      capture('late.pcap', { at: 0n, packet: syn(40001) }, { at, packet: syn(40001) });
    const [first, again] = servers(await replay(late(58n * SECOND), '--rules', twoServers));
    expect(again).toBe(first);
    const [before, after] = servers(await replay(late(63n * SECOND), '--rules', twoServers));
    expect(after).not.toBe(before);
  });

  test('a capture whose times step back is taken in its order', async () => {
    const input = capture(
      'back.pcap',
      { at: 9n * SECOND, packet: syn(40001) },
      { at: 3n * SECOND, packet: syn(40002) },
    );
    expect((await replay(input, '--rules', twoServers)).map(({ timeNs }) => timeNs)).toEqual([
      9n * SECOND,
      3n * SECOND,
    ]);
  });

  test("frames to another MAC address are not the director's", async () => {
    const input = capture(
      'mixed.pcap',
      { at: 0n, packet: syn(1) },
      { at: 0n, to: '02:00:00:00:00:c9', packet: syn(2) },
    );
    expect(await replay(input, '--rules', twoServers)).toHaveLength(1);
  });

  test('frames that the capture marks as sent by its owner are not sent again', async () => {
    const input = capture(
      'marked.pcapng',
      { at: 0n, packet: syn(1), direction: 'in' },
      { at: 0n, packet: syn(2), direction: 'out' },
    );
    expect(await replay(input, '--rules', twoServers)).toHaveLength(1);
  });

  test('a tunnel begins at the virtual address, the only one that the director has', async () => {
    const rules = file('tunnel.txt', '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 10.0.0.11:80 -i\n');
    const [frame] = await replay(capture('tunnel.pcap', { at: 0n, packet: syn(1) }), '--rules', rules);
    expect(layers(frame)).toMatchObject([
      { kind: 'ethernet' },
      { kind: 'ip', source: '10.0.0.100', destination: '10.0.0.11' },
      { kind: 'ip', source: '10.0.0.2', destination: '10.0.0.100' },
      { kind: 'tcp' },
    ]);
  });

  test('a frame cut by the capture is not guessed at', async () => {
    const bytes = buildPacket([ethernet({ destination: director }), ...syn(1)]);
    const path = join(folder, 'snapped.pcap');
    writeCapture(path, {
      interfaces: [{ name: '', snaplen: 40 }],
      frames: [{ timeNs: 0n, interface: 0, bytes: bytes.subarray(0, 40), originalLength: bytes.length }],
    });
    const { status, err } = await commandLine([
      'replay',
      path,
      '--rules',
      twoServers,
      '--out',
      join(folder, 'never.pcap'),
    ]);
    expect(status).toBe(2);
    expect(err).toMatch(/snapped\.pcap: frame 1: only 40 of 54 bytes were kept/);
  });
});

test('an environment gives the director ports and neighbours of its own', async () => {
  const environment = file(
    'environment.json',
    JSON.stringify({
      ports: [
        { name: 'client', mac: director, addresses: ['10.0.0.1/24'] },
        { name: 'server', mac: '02:00:00:00:00:51', addresses: ['192.168.1.1/24'] },
      ],
      virtualAddresses: ['10.0.0.100'],
    }),
  );
  const rules = file('routed.txt', '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m\n');
  const [question] = await replay(
    capture('routed.pcap', { at: 0n, packet: syn(1) }),
    '--rules',
    rules,
    '--environment',
    environment,
  );
  expect(question?.interface).toBe(1);
  expect(layers(question)).toMatchObject([
    { kind: 'ethernet', source: '02:00:00:00:00:51', destination: 'ff:ff:ff:ff:ff:ff' },
    { kind: 'arp', operation: 1, senderAddress: '192.168.1.1', targetAddress: '192.168.1.11' },
  ]);
});

test.skipIf('why' in findKernel())(
  'reference and kernel answer the same capture with the same frames',
  { timeout: 60_000 },
  async () => {
    const rules = file(
      'both.txt',
      '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 10.0.0.11:80 -m\n-A -u 10.0.0.100:53 -s rr\n-a -u 10.0.0.100:53 -r 10.0.0.12:53 -g\n',
    );
    const question = [
      ip({ source: '10.0.0.3', destination: '10.0.0.100' }),
      udp({ sourcePort: 5353, destinationPort: 53 }),
      payload('?'),
    ];
    const answer = [
      ip({ source: '10.0.0.11', destination: '10.0.0.2' }),
      tcp({ sourcePort: 80, destinationPort: 40001, flags: 'AS' }),
    ];
    const input = capture(
      'both.pcap',
      { at: 0n, packet: syn(40001) },
      { at: SECOND / 2n, packet: answer },
      { at: 90n * SECOND, packet: question },
    );
    const frames = async (target: string): Promise<string[]> =>
      (await replay(input, '--rules', rules, '--target', target)).map(
        ({ timeNs, bytes }) => `${timeNs} ${Buffer.from(bytes).toString('hex')}`,
      );
    const expected = await frames('reference');
    expect(expected).toHaveLength(3);
    expect(await frames('kernel')).toEqual(expected);
  },
);
