import { describe, expect, test } from 'vitest';
import { adjust16 } from '../../reference/wire/checksum.ts';
import { PROFILES } from '../../reference/profile.ts';
import { ReferenceTarget } from '../targets/reference/reference-target.ts';
import type { FrameReceiver, Session, Target } from '../targets/target.ts';
import type { Case } from './case.ts';
import type { FlowOptions, FlowPacket } from './flow.ts';
import type { Lab, Packet } from './lab.ts';
import { runCase } from './run-case.ts';

type Method = NonNullable<FlowOptions['method']>;
const SWITCH: Readonly<Record<Method, string>> = { nat: '-m', tunnel: '-i', 'direct-route': '-g' };

function caseOf(method: Method, script: (lab: Lab) => Promise<void>, protocol: 'tcp' | 'udp' = 'tcp'): Case {
  const service = `${protocol === 'tcp' ? '-t' : '-u'} 10.0.0.100:80`;
  return {
    id: 'flow/test',
    title: '',
    requirement: '',
    source: [],
    level: 'core',
    tags: [],
    needs: [],
    rules: `-A ${service} -s rr\n-a ${service} -r 192.168.1.11:80 ${SWITCH[method]}\n-a ${service} -r 192.168.1.12:80 ${SWITCH[method]}`,
    script,
  };
}

const reference = new ReferenceTarget({ profile: PROFILES.paper });

async function outcomeOf(theCase: Case, target: Target = reference) {
  const { verdict, reason, records } = await runCase(theCase, target, { limitMs: 5000 });
  return { verdict, reason, records };
}

/** The reference with one byte of every forwarded segment or datagram changed. */
function withByteChanged(at: number, by: number): Target {
  return withFramesChanged((frame) => {
    if (at < frame.length) frame[at] = (frame[at] ?? 0) ^ by;
  });
}

function withFramesChanged(change: (frame: Uint8Array) => void): Target {
  return {
    id: reference.id,
    features: reference.features,
    concurrency: 1,
    description: '',
    version: '',
    profile: PROFILES.linux,
    start: () => reference.start(),
    stop: () => reference.stop(),
    open: (environment, receiver): Promise<Session> => {
      const changing: FrameReceiver = (port, frame) => {
        const isIp = frame[13] === 0;
        if (isIp) change(frame);
        receiver(port, frame);
      };
      return reference.open(environment, changing);
    },
  };
}

const talk =
  (method: Method, protocol: 'tcp' | 'udp', packet: FlowPacket = {}) =>
  async (lab: Lab) => {
    const flow = lab.flow({ method, protocol });
    if (protocol === 'tcp') await flow.establish();
    await flow.clientSends('AP', { payload: 'GET /', ...packet });
    if (method !== 'nat') return;
    await flow.serverSends('AP', { payload: '200 OK' });
    if (protocol === 'tcp') await flow.clientSends('A');
  };

describe('a flow', () => {
  test.for<readonly [Method, 'tcp' | 'udp']>([
    ['nat', 'tcp'],
    ['nat', 'udp'],
    ['tunnel', 'tcp'],
    ['tunnel', 'udp'],
    ['direct-route', 'tcp'],
    ['direct-route', 'udp'],
  ])('by %s with %s passes on a right director', async ([method, protocol]) => {
    expect(await outcomeOf(caseOf(method, talk(method, protocol), protocol))).toMatchObject({
      verdict: 'pass',
      reason: '',
    });
  });

  // Ethernet 14 bytes, IP 20, TCP 20: every byte of a SYN.
  test.for<Method>(['nat', 'tunnel', 'direct-route'])(
    'by %s lets no byte of a forwarded SYN change',
    async (method) => {
      const theCase = caseOf(method, async (lab) => {
        await lab.flow({ method }).clientSends('S');
      });
      const { records } = await outcomeOf(theCase);
      const length = records.at(-1)?.bytes.length ?? 0;
      expect(length).toBe(method === 'tunnel' ? 74 : 54);
      for (let at = 0; at < length; at++) {
        expect({ at, ...(await outcomeOf(theCase, withByteChanged(at, 0x41))) }).toMatchObject({ at, verdict: 'fail' });
      }
    },
  );

  test.for([
    ['ip', 14 + 6, 14 + 10, 0x8000],
    ['tcp', 34 + 12, 34 + 16, 0x0100],
  ] as const)(
    'lets no reserved bit of %s be set, though the checksum was made right',
    async ([kind, at, checksum, bit]) => {
      const target = withFramesChanged((frame) => {
        const view = new DataView(frame.buffer, frame.byteOffset);
        const before = view.getUint16(at);
        view.setUint16(at, before | bit);
        view.setUint16(checksum, adjust16(view.getUint16(checksum), before, before | bit));
      });
      const { verdict, reason } = await outcomeOf(caseOf('nat', talk('nat', 'tcp')), target);
      expect(verdict).toBe('fail');
      expect(reason).toContain(
        `server 2 should get the packet as it was sent\n${kind} reserved bits (byte ${at}): expected 0`,
      );
    },
  );

  test('follows from the fields as sent', async () => {
    const packet: FlowPacket = {
      ip: { tos: 0x10, ttl: 9, df: false, id: 7, options: '01010101' },
      tcp: { window: 1, urgent: 3, options: '020405b4' },
    };
    expect(await outcomeOf(caseOf('nat', talk('nat', 'tcp', packet)))).toMatchObject({ verdict: 'pass', reason: '' });
  });

  test('counts sequence numbers as a real conversation does', async () => {
    const seen: (readonly [number | undefined, number | undefined])[] = [];
    const note = ({ layers }: Packet) => {
      const segment = layers[2]?.layer;
      if (segment?.kind === 'tcp') seen.push([segment.sequence, segment.acknowledgement]);
    };
    const theCase = caseOf('nat', async (lab) => {
      const flow = lab.flow();
      await flow.establish();
      note(await flow.clientSends('AP', { payload: '12345' }));
      note(await flow.serverSends('AF', { payload: '123' }));
      note(await flow.clientSends('A'));
      note(await flow.clientSends('AP', { payload: '12345', sequence: 1001 }));
      note(await flow.clientSends('A'));
    });
    expect(await outcomeOf(theCase)).toMatchObject({ verdict: 'pass', reason: '' });
    // RFC 9293 §3.4: SYN and FIN take one number each, data one a byte; a retransmission moves nothing.
    expect(seen).toEqual([
      [1001, 5001],
      [5001, 1006],
      [1006, 5005],
      [1001, 5005],
      [1006, 5005],
    ]);
  });

  test('keeps to the server that was chosen first', async () => {
    const theCase = caseOf('nat', async (lab) => {
      const flow = lab.flow({ servers: [lab.servers[1]] });
      await flow.establish();
      lab.equal('server', flow.server.name, 'server 2');
      const next = lab.flow({ port: 40002, servers: [lab.servers[0]] });
      await next.establish();
    });
    expect(await outcomeOf(theCase)).toMatchObject({ verdict: 'pass', reason: '' });
  });

  test('fails where another server than the right ones was chosen', async () => {
    const theCase = caseOf('nat', async (lab) => {
      await lab.flow({ servers: [lab.servers[2], lab.servers[3]] }).clientSends('S');
    });
    const { verdict, reason } = await outcomeOf(theCase);
    expect(verdict).toBe('fail');
    expect(reason).toBe(
      'exactly one of server 3, server 4 should get any packet\nnone got anything\nserver 2 got 10.0.0.2:40001 > 192.168.1.12:80 tcp S seq 1000 win 8192 ttl 63',
    );
  });

  test('in vain fails where anything comes, be it to the client itself', async () => {
    const theCase = (port: number) => caseOf('nat', (lab) => lab.flow({ virtualPort: port }).clientSendsInVain('S'));
    expect((await outcomeOf(theCase(80))).reason).toContain('server 2 got');
    expect((await outcomeOf(theCase(81))).reason).toMatch(/client got 10\.0\.0\.100:81 > 10\.0\.0\.2:40001 tcp AR/);
  });

  test('cannot answer where answers do not pass the director', async () => {
    const theCase = caseOf('tunnel', async (lab) => {
      const flow = lab.flow({ method: 'tunnel' });
      await flow.clientSends('S');
      await flow.serverSends('AS');
    });
    expect(await outcomeOf(theCase)).toMatchObject({
      verdict: 'error',
      reason: "servers do not answer through the director with method 'tunnel'",
    });
  });

  test('has no server before the first packet', async () => {
    const theCase = caseOf('nat', (lab) => {
      lab.equal('server', lab.flow().server.name, 'server 1');
      return Promise.resolve();
    });
    expect(await outcomeOf(theCase)).toMatchObject({
      verdict: 'error',
      reason: 'the flow has no server yet: let the client send first',
    });
  });
});
