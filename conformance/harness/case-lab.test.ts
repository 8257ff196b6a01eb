import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../reference/profile.ts';
import type { Layer } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import { ConfigurationRefused, type Feature, type Session, type Target } from '../targets/target.ts';
import type { Lab } from './lab.ts';
import { arp, ethernet, ip, payload, tcp, udp } from './layers.ts';
import { runCase } from './run-case.ts';

const DIRECTOR = { client: '02:00:00:00:00:c1', server: '02:00:00:00:00:51' };
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

type Send = (port: number, ...layers: readonly Layer[]) => void;

interface Behaviour {
  readonly features?: readonly Feature[];
  /** What the director does with a frame. */
  readonly onFrame?: (layers: readonly Layer[], send: Send) => void;
  readonly session?: Partial<Session>;
}

/** A director that answers ARP for everything, and otherwise does what a test tells it. */
function directorWith({ features = ['nat'], onFrame, session = {} }: Behaviour): Target {
  return {
    id: 'told',
    description: '',
    version: '',
    profile: PROFILES.linux,
    features: new Set(features),
    concurrency: 1,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    open: (_environment, receiver) => {
      const send: Send = (port, ...layers) => receiver(port, buildPacket(layers));
      return Promise.resolve({
        configure: (commands: readonly string[]) =>
          commands.includes('wrong') ? Promise.reject(new ConfigurationRefused('no')) : Promise.resolve(),
        send: (port: number, frame: Uint8Array) => {
          const layers = dissect(frame).map(({ layer }) => layer);
          const question = layers[1];
          if (question?.kind === 'arp' && question.operation === 1 && question.targetAddress !== '10.0.0.77')
            answerArp(port, question, send);
          onFrame?.(layers, send);
        },
        settle: () => Promise.resolve(),
        close: () => Promise.resolve(),
        ...session,
      });
    },
  };
}

function answerArp(
  port: number,
  { senderMac = '', senderAddress = '', targetAddress = '' }: Extract<Layer, { kind: 'arp' }>,
  send: Send,
): void {
  const mac = port === 0 ? DIRECTOR.client : DIRECTOR.server;
  const answer = arp({
    operation: 2,
    senderMac: mac,
    senderAddress: targetAddress,
    targetMac: senderMac,
    targetAddress: senderAddress,
  });
  send(port, ethernet({ source: mac, destination: senderMac }), answer);
}

async function outcomeOf(script: (lab: Lab) => Promise<void> | void, behaviour: Behaviour = {}, limitMs = 2000) {
  const theCase = {
    id: 'lab/test',
    title: '',
    requirement: '',
    source: [],
    level: 'core' as const,
    tags: [],
    needs: [...(behaviour.features ?? [])],
    rules: '',
    script: async (lab: Lab) => script(lab),
  };
  return runCase(theCase, directorWith(behaviour), { limitMs });
}

const layersOf = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? [] : dissect(bytes).map(({ layer }) => layer);

/** Sends this once, as soon as any IP packet comes. */
const onIp =
  (port: number, ...layers: readonly Layer[]) =>
  (received: readonly Layer[], send: Send) => {
    if (received[1]?.kind === 'ip') send(port, ...layers);
  };

const poke = (lab: Lab) => lab.client.sends(ip({ destination: lab.vip }), udp({ destinationPort: 9 }));

describe('a host', () => {
  test('asks by ARP once for an address on its wire, and for the director where the address is elsewhere', async () => {
    const { records, verdict } = await outcomeOf(async ({ client }) => {
      await client.sends(ip({ destination: '10.0.0.100' }), udp());
      await client.sends(ip({ destination: '10.0.0.100' }), udp());
      await client.sends(ip({ destination: '172.20.0.1' }), udp());
    });
    expect(verdict).toBe('pass');
    const questions = records
      .flatMap(({ bytes }) => layersOf(bytes))
      .filter((layer) => layer.kind === 'arp' && layer.operation === 1);
    expect(questions).toMatchObject([
      { senderAddress: '10.0.0.2', senderMac: '02:00:00:00:00:c2', targetAddress: '10.0.0.100' },
      { targetAddress: '10.0.0.1' },
    ]);
    expect(layersOf(records[0]?.bytes)).toMatchObject([{ destination: BROADCAST }, {}]);
    expect(layersOf(records.at(-1)?.bytes)).toMatchObject([
      { destination: DIRECTOR.client },
      { source: '10.0.0.2', destination: '172.20.0.1' },
      {},
    ]);
  });

  test('finds its neighbours on the wire without asking', async () => {
    const { records } = await outcomeOf(({ servers, router }) =>
      servers[0].sends(ip({ destination: router.address }), udp()),
    );
    expect(records.map(({ bytes }) => layersOf(bytes)[0])).toMatchObject([{ destination: '02:00:00:00:00:5f' }]);
  });

  test('answers ARP for all that it owns, and learns who asked', async () => {
    const ask = (targetAddress: string) => [
      ethernet({ source: DIRECTOR.server, destination: BROADCAST }),
      arp({ operation: 1, senderMac: DIRECTOR.server, senderAddress: '192.168.1.1', targetAddress }),
    ];
    const { records, verdict } = await outcomeOf(
      async (lab) => {
        lab.servers[0].owns('192.168.1.77');
        await poke(lab);
        lab.servers[0].receives(arp({ operation: 1, targetAddress: '192.168.1.77' }));
        await lab.servers[0].sends(ip({ destination: '192.168.1.1' }), tcp());
      },
      {
        onFrame: (received, send) => {
          if (received[2]?.kind !== 'udp') return;
          send(1, ...ask('192.168.1.77'));
          send(1, ...ask('192.168.1.78'));
        },
      },
    );
    expect(verdict).toBe('pass');
    const sent = records
      .filter(({ direction, port }) => direction === 'in' && port === 1)
      .map(({ bytes }) => layersOf(bytes));
    expect(sent).toMatchObject([
      [
        { source: '02:00:00:00:00:11', destination: DIRECTOR.server },
        {
          operation: 2,
          senderMac: '02:00:00:00:00:11',
          senderAddress: '192.168.1.77',
          targetMac: DIRECTOR.server,
          targetAddress: '192.168.1.1',
        },
      ],
      [{ destination: DIRECTOR.server }, { kind: 'ip' }, { kind: 'tcp' }],
    ]);
  });

  test('that is silent answers no ARP', async () => {
    const question = arp({
      operation: 1,
      senderMac: DIRECTOR.server,
      senderAddress: '192.168.1.1',
      targetAddress: '192.168.1.11',
    });
    const { records } = await outcomeOf(
      (lab) => {
        lab.servers[0].silent();
        return poke(lab);
      },
      { onFrame: onIp(1, ethernet({ source: DIRECTOR.server, destination: BROADCAST }), question) },
    );
    expect(records.filter(({ direction, port }) => direction === 'in' && port === 1)).toEqual([]);
  });

  test('tells which MAC address an address has, or that nobody answers', async () => {
    const { verdict } = await outcomeOf(async (lab) => {
      lab.equal('the virtual address', await lab.client.arps(lab.vip), DIRECTOR.client);
      lab.equal('an address of nobody', await lab.client.arps('10.0.0.77'), undefined);
    });
    expect(verdict).toBe('pass');
  });

  test('can be held to get no ARP of a kind', async () => {
    const { verdict, reason } = await outcomeOf(async ({ client, vip }) => {
      client.receivesNoArp(arp());
      await client.arps(vip);
      client.receivesNoArp(arp({ operation: 1 }));
      client.receivesNoArp(arp({ operation: 2 }));
    });
    expect(verdict).toBe('fail');
    expect(reason).toMatch(/^client should get no arp operation 2\ncame: arp /);
  });

  test('sends frames as they are told, the whole Ethernet header too', async () => {
    const { records } = await outcomeOf(({ client }) =>
      client.sends(
        ethernet({ destination: '02:00:00:00:00:ee', source: '02:00:00:00:00:dd', type: 0x88b5 }),
        payload('x'),
      ),
    );
    expect(layersOf(records[0]?.bytes)).toEqual([
      { kind: 'ethernet', destination: '02:00:00:00:00:ee', source: '02:00:00:00:00:dd', type: 0x88b5 },
      { kind: 'payload', data: '78' },
    ]);
  });

  test('puts itself in as the sender behind an Ethernet header too', async () => {
    const { records } = await outcomeOf(async ({ client }) => {
      await client.sends(ethernet({ destination: BROADCAST }), ip({ destination: '10.0.0.100' }), udp());
      await client.sends(
        ethernet({ destination: DIRECTOR.client }),
        arp({ operation: 1, targetAddress: '10.0.0.100' }),
      );
      await client.sends(ethernet({ destination: BROADCAST }), ip({ source: '10.9.9.9' }), udp());
    });
    const sent = records.filter(({ direction }) => direction === 'in');
    expect(sent.map(({ bytes }) => layersOf(bytes)[1])).toMatchObject([
      { source: '10.0.0.2', destination: '10.0.0.100' },
      { senderAddress: '10.0.0.2', senderMac: '02:00:00:00:00:c2' },
      { source: '10.9.9.9' },
    ]);
  });

  test('cannot send what begins further in than IP', async () => {
    expect(await outcomeOf(({ client }) => client.sends(tcp()))).toMatchObject({
      verdict: 'error',
      reason: 'client cannot send a packet that begins with tcp: begin with ip, ip6, arp or ethernet',
    });
  });
});

describe('what nobody asked for fails a case', () => {
  const answer = [ip({ source: '10.0.0.100', destination: '10.0.0.2' }), udp()];

  test('a packet that waits at a host', async () => {
    const onFrame = onIp(0, ethernet({ destination: '02:00:00:00:00:c2' }), ...answer);
    expect((await outcomeOf(poke, { onFrame })).reason).toMatch(
      /^nobody should get anything else\nclient got 10\.0\.0\.100:0 > 10\.0\.0\.2:0 udp/,
    );
    const silently = await outcomeOf(
      async (lab) => {
        await poke(lab);
        lab.client.receivesNothing();
      },
      { onFrame },
    );
    expect(silently.reason).toMatch(/^client should get nothing\nclient got 10\.0\.0\.100:0/);
  });

  test('a frame to a MAC address that nobody has, or that lives on the other wire', async () => {
    const astray = onIp(0, ethernet({ destination: '02:00:00:00:00:77' }), ...answer);
    expect((await outcomeOf(poke, { onFrame: astray })).reason).toContain(
      'port 0, 02:00:00:00:00:77 (nobody) got 10.0.0.100:0',
    );
    const wrongWire = onIp(1, ethernet({ destination: '02:00:00:00:00:c2' }), ...answer);
    expect((await outcomeOf(poke, { onFrame: wrongWire })).reason).toContain(
      'port 1, 02:00:00:00:00:c2 (nobody) got 10.0.0.100:0',
    );
  });

  test('a frame that is neither IP nor ARP', async () => {
    const onFrame = onIp(0, ethernet({ destination: '33:33:00:00:00:02', type: 0x86dd }), payload('x'));
    expect(await outcomeOf(poke, { onFrame })).toMatchObject({ verdict: 'fail' });
  });

  test('a broadcast reaches every host on the wire, and asking one of them is enough', async () => {
    const onFrame = onIp(0, ethernet({ destination: BROADCAST }), ...answer);
    const script = async (lab: Lab) => {
      await poke(lab);
      lab.equal(
        'who got it',
        [lab.client, lab.gateway, lab.servers[0]].map(({ hasPacket }) => hasPacket),
        [true, true, false],
      );
      lab.otherClient.receives(ip(), udp());
    };
    expect(await outcomeOf(script, { onFrame })).toMatchObject({ verdict: 'pass', reason: '' });
  });
});

describe('one of several hosts', () => {
  const toServers =
    (...numbers: readonly number[]) =>
    (received: readonly Layer[], send: Send) => {
      if (received[1]?.kind !== 'ip') return;
      for (const number of numbers) send(1, ethernet({ destination: `02:00:00:00:00:1${number}` }), ip(), udp());
    };
  const script = async (lab: Lab) => {
    await poke(lab);
    lab.equal('host', lab.oneOf(lab.servers, [ip(), udp()]).host.name, 'server 3');
  };

  test('is told, and the packet taken', async () => {
    expect(await outcomeOf(script, { onFrame: toServers(3) })).toMatchObject({ verdict: 'pass', reason: '' });
  });

  test('must be one, not none or two', async () => {
    expect((await outcomeOf(script)).reason).toBe(
      'exactly one of server 1, server 2, server 3, server 4 should get ip | udp\nnone got anything',
    );
    expect((await outcomeOf(script, { onFrame: toServers(2, 3) })).reason).toContain(
      'more than one got something: server 2, server 3',
    );
  });
});

describe('values', () => {
  test('are compared by value, a documented deviation told apart', async () => {
    const pass = await outcomeOf((lab) => lab.equal('list', [{ a: 1 }], [{ a: 1 }]));
    expect(pass).toMatchObject({ verdict: 'pass' });
    const deviates = await outcomeOf((lab) =>
      lab.equal('seconds', 120, 60, { id: 'fin-wait-two-minutes', value: 120 }),
    );
    expect(deviates).toMatchObject({ verdict: 'deviates', deviations: ['fin-wait-two-minutes'] });
    const fail = await outcomeOf((lab) => lab.equal('seconds', 90, 60, { id: 'fin-wait-two-minutes', value: 120 }));
    expect(fail).toMatchObject({
      verdict: 'fail',
      reason: 'seconds: expected 60 (or 120: fin-wait-two-minutes)\nobserved 90',
    });
    expect(await outcomeOf((lab) => lab.equal('state', 'A', 'B', { id: 'unheard-of', value: 'C' }))).toMatchObject({
      verdict: 'error',
    });
  });

  test('may lie within bounds, both of them included', async () => {
    for (const [value, verdict] of [
      [57, 'fail'],
      [58, 'pass'],
      [60, 'pass'],
      [61, 'fail'],
    ] as const) {
      expect(await outcomeOf((lab) => lab.within('seconds left', value, 58, 60))).toMatchObject({ verdict });
    }
  });
});

describe('the controls', () => {
  test('a command that should be refused must be, one that should be accepted too', async () => {
    expect(await outcomeOf((lab) => lab.refuses('wrong'))).toMatchObject({ verdict: 'pass' });
    expect(await outcomeOf((lab) => lab.refuses('right'))).toMatchObject({
      verdict: 'fail',
      reason: 'the director should refuse\n  right\naccepted',
    });
    expect(await outcomeOf((lab) => lab.configure('wrong'))).toMatchObject({
      verdict: 'fail',
      reason: 'the director should accept\n  wrong\nrefused: no',
    });
  });

  test.for<readonly [Feature, (lab: Lab) => Promise<unknown>]>([
    ['clock', (lab) => lab.wait(3.1)],
    ['connections', (lab) => lab.connections()],
    ['services', (lab) => lab.services()],
    ['sysctl', (lab) => lab.sysctl('vs.conn_reuse_mode', '0')],
    ['scheduler.wrr', (lab) => lab.configure('-E -t 10.0.0.100:80 -s wrr')],
    ['tunnel', (lab) => lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11 -i')],
  ])('what needs %s must be announced', async ([feature, use]) => {
    const outcome = await outcomeOf(
      async (lab) => {
        await use(lab);
      },
      { features: ['tcp'] },
    );
    expect(outcome).toMatchObject({ verdict: 'error', reason: `the case must say that it needs '${feature}'` });
  });

  test('a short wait passes in real time where the clock cannot be moved', async () => {
    const { durationMs, verdict } = await outcomeOf((lab) => lab.wait(0.05));
    expect(verdict).toBe('pass');
    expect(durationMs).toBeGreaterThanOrEqual(45);
  });

  test('a wait moves the clock where it can be moved, and the time stamps of the frames after it', async () => {
    const waited: number[] = [];
    const advance = (seconds: number) => {
      waited.push(seconds);
      return Promise.resolve();
    };
    const { records } = await outcomeOf(
      async (lab) => {
        await lab.client.arps(lab.vip);
        await lab.wait(60);
        await lab.client.arps(lab.vip);
      },
      { features: ['clock'], session: { advance } },
    );
    expect(waited).toEqual([60]);
    expect(records.map(({ time }) => time)).toEqual([0, 1, 60_000_000, 60_000_001]);
  });
});
