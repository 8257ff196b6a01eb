import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { MalformedInput } from '../../../reference/errors.ts';
import { ConfigurationRefused, FEATURES } from '../target.ts';
import { KernelTarget } from './kernel-target.ts';
import { needsKernel, testEnvironment, testKernel } from './testing/test-kernel.ts';
import { CLIENT, closeSessions, ONE_SERVER, openSession, reply, segment, SERVER } from './testing/test-wire.ts';

describe.skipIf('why' in testKernel)(needsKernel('the kernel as a target'), () => {
  let target: KernelTarget;

  beforeAll(async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    target = new KernelTarget(testKernel.kernel, { guests: 1 });
    await target.start();
  });
  afterAll(() => target.stop());
  afterEach(async () => {
    vi.restoreAllMocks();
    await closeSessions();
  });

  test('says which kernel it is', () => {
    expect(target.id).toMatch(/^kernel-\d+\.\d+$/);
    expect(target.version).toMatch(new RegExp(`^${target.id.slice('kernel-'.length)}[.-]`));
    expect(target.description).toContain(`Linux ${target.version} IPVS (User Mode Linux`);
    // Debian builds no kernel with this scheduler, and no kernel asks servers how they are.
    const none = new Set(['scheduler.twos', 'health-checks']);
    expect([...target.features]).toEqual(Object.keys(FEATURES).filter((name) => !none.has(name)));
  });

  describe('a session', () => {
    test('finds nothing of the one before: no service, connection, neighbour or setting', async () => {
      const first = await openSession(target);
      const pristine = { services: await first.session.services?.(), connections: await first.session.connections?.() };
      await first.session.configure([...ONE_SERVER, '--set 10 20 30']);
      await first.introduce();
      await first.session.setSysctl?.('vs.conn_reuse_mode', '0');
      expect(await first.session.connections?.()).toContain('SYN_RECV');
      await first.session.close();

      const second = await openSession(target);
      expect(await second.session.services?.()).toBe(pristine.services);
      expect(await second.session.connections?.()).toBe(pristine.connections);
      await second.session.configure(ONE_SERVER);
      second.session.send(CLIENT.port, segment({ sourcePort: 40001 }));
      await second.session.settle();
      // The server's MAC address is asked for again.
      expect(second.received()).toMatchObject([{ port: SERVER.port, layers: [{}, { kind: 'arp', operation: 1 }] }]);
      // ip_vs_proto_tcp.c:tcp_timeouts, 60 s in SYN_RECV.
      expect(await second.session.connections?.()).toMatch(/SYN_RECV +(5[6-9]|60)\n/);
      await second.session.close();
    });

    test('has the settings of its environment and those that are set later; others are refused by name', async () => {
      const sysctls = { 'vs.sloppy_tcp': '1' };
      const { session, received, introduce } = await openSession(target, { ...testEnvironment, sysctls });
      await session.configure(ONE_SERVER);
      await introduce();
      const acknowledge = async (sourcePort: number): Promise<number | undefined> => {
        session.send(CLIENT.port, segment({ sourcePort, flags: 'A' }));
        await session.settle();
        return received()[0]?.port;
      };
      // ip_vs_proto_tcp.c:tcp_conn_schedule: without sloppy_tcp only a SYN is scheduled, and the director itself answers with a reset.
      expect(await acknowledge(40001)).toBe(SERVER.port);
      await session.setSysctl?.('vs.sloppy_tcp', '0');
      expect(await acknowledge(40002)).toBe(CLIENT.port);
      const failure = session.setSysctl?.('vs.no_such_setting', '1');
      await expect(failure).rejects.toBeInstanceOf(MalformedInput);
      await expect(failure).rejects.toThrow(/^setting vs\.no_such_setting=1: .*No such file/);
      await session.close();
      const { session: next, received: received2, introduce: introduce2 } = await openSession(target);
      await next.configure(ONE_SERVER);
      await introduce2();
      next.send(CLIENT.port, segment({ sourcePort: 40001, flags: 'A' }));
      await next.settle();
      expect(received2()[0]?.port).toBe(CLIENT.port);
      await next.close();
    });

    test('with an environment that the kernel refuses is bad input, named', async () => {
      const environment = { ...testEnvironment, routes: [{ destination: '0.0.0.0/0', via: '172.16.0.1' }] };
      const failure = target.open(environment, () => undefined);
      await expect(failure).rejects.toBeInstanceOf(MalformedInput);
      await expect(failure).rejects.toThrow(
        'The kernel refuses route 0.0.0.0/0 via 172.16.0.1: Network is unreachable',
      );
    });

    test('waits for a guest to be free', async () => {
      const first = await openSession(target);
      const order: string[] = [];
      const second = openSession(target).then(async ({ session }) => {
        order.push('second opened');
        await session.close();
      });
      await first.session.settle();
      order.push('first closes');
      await first.session.close();
      await second;
      expect(order).toEqual(['first closes', 'second opened']);
    });

    test('translates addresses in FTP payload (ip_vs_ftp)', async () => {
      const { session, received, introduce } = await openSession(target);
      await session.configure(['-A -t 10.0.0.100:21 -s rr', '-a -t 10.0.0.100:21 -r 192.168.1.11:21 -m']);
      await introduce(21);
      const client = { sourcePort: 40001, destinationPort: 21 };
      session.send(CLIENT.port, segment({ ...client, sequence: 1000 }));
      await session.settle();
      session.send(SERVER.port, reply({ flags: 'AS', sequence: 5000, acknowledgement: 1001 }));
      await session.settle();
      session.send(CLIENT.port, segment({ ...client, flags: 'A', sequence: 1001, acknowledgement: 5001 }));
      session.send(CLIENT.port, segment({ ...client, flags: 'AP', sequence: 1001, acknowledgement: 5001 }, 'PASV\r\n'));
      await session.settle();
      received();
      session.send(
        SERVER.port,
        reply(
          { flags: 'AP', sequence: 5001, acknowledgement: 1007 },
          '227 Entering Passive Mode (192,168,1,11,200,10).\r\n',
        ),
      );
      await session.settle();
      const [answer] = received();
      expect(answer?.port).toBe(CLIENT.port);
      const data = answer?.layers.at(-1);
      expect(data?.kind === 'payload' && Buffer.from(data.data ?? '', 'hex').toString()).toBe(
        '227 Entering Passive Mode (10,0,0,100,200,10).\r\n',
      );
      await session.close();
    });
  });

  describe('configuration', () => {
    test('what ipvsadm refuses is ConfigurationRefused with its own words', async () => {
      const { session } = await openSession(target);
      const unknown = session.configure(['-A -t 10.0.0.100:80 -s nosuchscheduler']);
      await expect(unknown).rejects.toBeInstanceOf(ConfigurationRefused);
      await expect(unknown).rejects.toThrow('Scheduler or persistence engine not found');
      await expect(session.configure(['-D -t 10.0.0.100:80'])).rejects.toThrow('No such service');
      await expect(session.configure(['-A -t 10.0.0.100'])).rejects.toThrow(
        'Zero port specified for non-persistent service',
      );
      await session.close();
    });

    test.for([
      { when: 'in a fresh session', traffic: false },
      { when: 'after traffic', traffic: true },
    ])(
      'of several commands the refused one is named, those before it hold and those after it do not ($when)',
      async ({ traffic }) => {
        const { session, introduce } = await openSession(target);
        await session.configure(['-A -t 10.0.0.100:79 -s rr']);
        if (traffic) await introduce();
        const refused = session.configure([
          '-A -t 10.0.0.100:80 -s wlc',
          '-A -t 10.0.0.100:81 -s nosuch',
          '-A -t 10.0.0.100:82 -s rr',
        ]);
        await expect(refused).rejects.toThrow(
          '-A -t 10.0.0.100:81 -s nosuch: Scheduler or persistence engine not found',
        );
        const services = (await session.services?.())?.match(/0A000064:\S+ \S+/g);
        expect(services?.sort()).toEqual(['0A000064:004F rr', '0A000064:0050 wlc']);
        await session.close();
      },
    );

    test('every scheduler that the kernel can load by itself is there', async () => {
      const { session } = await openSession(target);
      const schedulers = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'mh', 'sed', 'nq', 'fo', 'ovf'];
      await session.configure(schedulers.map((scheduler, index) => `-A -t 10.0.0.100:${index + 1} -s ${scheduler}`));
      expect((await session.services?.())?.match(/^TCP/gm)).toHaveLength(schedulers.length);
      await session.close();
    });

    test('longer than what the guest’s line takes at once', async () => {
      const { session } = await openSession(target);
      const servers = Array.from(
        { length: 300 },
        (_, index) => `-a -t 10.0.0.100:80 -r 192.168.1.11:${index + 1} -m -w 1`,
      );
      await session.configure(['-A -t 10.0.0.100:80 -s rr', ...servers]);
      expect((await session.services?.())?.match(/Masq/g)).toHaveLength(servers.length);
      await session.close();
    });
  });

  describe('the clock', () => {
    test('moves: 30 s on, a half-open connection has 30 s left at most; after 61 s it is due, and soon gone', async () => {
      const { session, introduce } = await openSession(target);
      await session.configure(ONE_SERVER);
      await introduce();
      await session.advance?.(30);
      expect(await session.connections?.()).toMatch(/SYN_RECV +(2[6-9]|30)\n/);
      await session.advance?.(31);
      expect(await session.connections?.()).not.toMatch(/SYN_RECV +[1-9]/);
      // The timer wheel puts off what is a minute away by up to 5.12 s at 100 ticks a second (kernel/time/timer.c).
      await session.advance?.(5);
      expect(await session.connections?.()).not.toContain('SYN_RECV');
      await session.close();
    });

    test('what is due on the way happens: three questions a second apart for a neighbour that is not there (mcast_solicit, retrans_time_ms)', async () => {
      const { session, received } = await openSession(target);
      await session.configure(ONE_SERVER);
      session.send(CLIENT.port, segment({ sourcePort: 40001 }));
      await session.settle();
      await session.advance?.(1.5);
      expect(received()).toHaveLength(2);
      await session.advance?.(3);
      const questions = received().filter(({ port }) => port === SERVER.port);
      expect(questions).toMatchObject([{ layers: [{}, { kind: 'arp', targetAddress: SERVER.address }] }]);
      await session.close();
    });

    test('may move for hours: a director that nobody talks to sends nothing by itself', async () => {
      const { session, received } = await openSession(target);
      await session.configure(ONE_SERVER);
      await session.advance?.(7200);
      expect(received()).toEqual([]);
      await session.close();
    });

    test('moves for days without harm', async () => {
      const { session, introduce } = await openSession(target);
      await session.configure(ONE_SERVER);
      await session.advance?.(3 * 86_400);
      await introduce();
      expect(await session.connections?.()).toMatch(/SYN_RECV +(5[6-9]|60)\n/);
      await session.close();
    });
  });
});

describe.skipIf('why' in testKernel)(needsKernel('a kernel target without a C compiler'), () => {
  test('lacks the clock and says so; everything else works', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget({ ...testKernel.kernel, compiler: null }, { guests: 1 });
    expect(target.features.has('clock')).toBe(false);
    expect(target.description).toContain('its clock cannot be moved');
    await target.start();
    try {
      const { session } = await openSession(target);
      expect(session).toMatchObject({ advance: undefined });
      await session.configure(ONE_SERVER);
      await expect(session.configure(['-A -t 10.0.0.100:80 -s rr'])).rejects.toThrow('Service already exists');
      expect(await session.services?.()).toContain('C0A8010B:1F90');
      await session.close();
    } finally {
      await target.stop();
    }
  });

  test('with one that does not work likewise', async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    const target = new KernelTarget({ ...testKernel.kernel, compiler: ['/bin/false'] }, { guests: 1 });
    await target.start();
    expect(target.features.has('clock')).toBe(false);
    await target.stop();
  });
});
