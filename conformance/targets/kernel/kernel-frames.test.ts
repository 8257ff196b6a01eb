import { Socket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../../../reference/errors.ts';
import { KernelTarget } from './kernel-target.ts';
import { needsKernel, testEnvironment, testKernel } from './testing/test-kernel.ts';
import { announcement, CLIENT, closeSessions, ONE_SERVER, openSession, segment, SERVER } from './testing/test-wire.ts';

const [CLIENT_PORT, SERVER_PORT] = testEnvironment.ports;

describe.skipIf('why' in testKernel)(needsKernel('frames of a kernel target'), () => {
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

  describe('frames', () => {
    test('a SYN to the virtual service goes to the real server, with its address and port (VS/NAT)', async () => {
      const { session, received } = await openSession(target);
      await session.configure(ONE_SERVER);
      session.send(CLIENT.port, segment({ sourcePort: 40001 }));
      await session.settle();
      expect(received()).toMatchObject([
        {
          port: SERVER.port,
          layers: [
            { kind: 'ethernet', destination: 'ff:ff:ff:ff:ff:ff', source: SERVER_PORT?.mac },
            { kind: 'arp', operation: 1, senderAddress: '192.168.1.1', targetAddress: SERVER.address },
          ],
        },
      ]);
      session.send(SERVER.port, announcement(SERVER, '192.168.1.1'));
      await session.settle();
      expect(received()).toMatchObject([
        {
          port: SERVER.port,
          layers: [
            { kind: 'ethernet', destination: SERVER.mac, source: SERVER_PORT?.mac },
            { kind: 'ip', source: CLIENT.address, destination: SERVER.address, ttl: 63, id: 0x1234, df: true },
            { kind: 'tcp', sourcePort: 40001, destinationPort: 8080, sequence: 1000, flags: 'S' },
          ],
        },
      ]);
      await session.close();
    });

    test('settle() resolves after everything was delivered, on whichever port it leaves', async () => {
      const { session, received, introduce } = await openSession(target);
      await session.configure(ONE_SERVER);
      await introduce();
      for (let round = 0; round < 100; round++) {
        session.send(CLIENT.port, segment({ sourcePort: 2000 + round }));
        // Of no connection: the director's own stack answers with a reset.
        session.send(CLIENT.port, segment({ sourcePort: 3000 + round, flags: 'A' }));
        await session.settle();
        const ports = received().map(({ port }) => port);
        expect(ports.sort()).toEqual([CLIENT.port, SERVER.port]);
      }
      await session.close();
    });

    test.for([
      { count: 3000, bytes: 0 },
      { count: 1000, bytes: 1400 },
    ])('$count frames with $bytes bytes of data sent at once all arrive, in order', async ({ count, bytes }) => {
      const { session, received, introduce } = await openSession(target);
      await session.configure(ONE_SERVER);
      await introduce();
      const ports = Array.from({ length: count }, (_, index) => 10_000 + index);
      for (const sourcePort of ports) session.send(CLIENT.port, segment({ sourcePort }, bytes));
      await session.settle();
      expect(received().map(({ layers }) => (layers[2]?.kind === 'tcp' ? layers[2].sourcePort : layers))).toEqual(
        ports,
      );
      await session.close();
    });

    test('the MTU of each port holds', async () => {
      if (CLIENT_PORT === undefined || SERVER_PORT === undefined) throw new Error('there are two ports');
      const environment = { ...testEnvironment, ports: [CLIENT_PORT, { ...SERVER_PORT, mtu: 1000 }] };
      const { session, received, introduce } = await openSession(target, environment);
      await session.configure(ONE_SERVER);
      await introduce();
      session.send(CLIENT.port, segment({ sourcePort: 40001 }, 8000));
      await session.settle();
      // RFC 1191 §4: fragmentation needed and DF set, with the MTU of the next hop.
      const [answer, ...others] = received();
      expect(others).toEqual([]);
      expect(answer?.port).toBe(CLIENT.port);
      expect(answer?.layers[2]).toMatchObject({ kind: 'icmp', type: 3, code: 4, rest: 1000 });
      await session.close();
    });

    test('frames of any length are taken, and none is lost; a datagram must hold them', async () => {
      const { session } = await openSession(target);
      for (const length of [0, 1, 13, 14, 60, 1514, 1515, 9014, 9015, 65_499]) {
        for (const port of [CLIENT.port, SERVER.port]) session.send(port, new Uint8Array(length));
      }
      await session.settle();
      expect(() => session.send(CLIENT.port, new Uint8Array(65_500))).toThrow(MalformedInput);
      await session.close();
    });

    test('ports that no guest has are unsupported, in one line that says which there are', async () => {
      if (CLIENT_PORT === undefined) throw new Error('there are two ports');
      const environment = { ...testEnvironment, ports: [{ ...CLIENT_PORT, mtu: 4000 }] };
      const failure = target.open(environment, () => undefined);
      await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
      await expect(failure).rejects.toThrow(/^Port client with MTU 4000: .*1500.*9000/);
    });

    test('with derived neighbours every address is on link on port 0, and no ARP is seen', async () => {
      const environment = {
        ports: [{ name: 'eth0', mac: '02:00:00:00:01:01', addresses: [], mtu: 1500 }],
        virtualAddresses: ['10.0.0.100'],
        routes: [],
        neighbours: 'derived',
        sysctls: {},
      } as const;
      const { session, received } = await openSession(target, environment);
      await session.configure(ONE_SERVER);
      session.send(0, segment({ sourcePort: 40001 }));
      await session.settle();
      expect(received()).toMatchObject([
        {
          port: 0,
          // derivedMac: 02:00 and the four bytes of 192.168.1.11.
          layers: [
            { destination: '02:00:c0:a8:01:0b' },
            { destination: SERVER.address },
            { kind: 'tcp', destinationPort: 8080 },
          ],
        },
      ]);
      await session.close();
    });
  });

  describe('a frame that is lost between harness and director', () => {
    test('on the way in makes close() an InternalFault, and the next session is a good one', async () => {
      const { session } = await openSession(target);
      await session.configure(ONE_SERVER);
      vi.spyOn(Socket.prototype, 'send').mockImplementationOnce(() => undefined);
      session.send(CLIENT.port, segment({ sourcePort: 40001 }));
      await session.settle();
      const failure = session.close();
      await expect(failure).rejects.toBeInstanceOf(InternalFault);
      await expect(failure).rejects.toThrow(
        'Frames were lost on port client: 1 on the way to the director, 0 on the way from it',
      );
      const { session: next } = await openSession(target);
      await next.close();
    });

    test('on the way out makes close() an InternalFault', async () => {
      const { session } = await openSession(target);
      await session.configure(ONE_SERVER);
      const emit = Reflect.get(Socket.prototype, 'emit') as (...args: unknown[]) => boolean;
      let isDropped = false;
      vi.spyOn(Socket.prototype, 'emit').mockImplementation(function (this: Socket, ...args: unknown[]) {
        const isArpRequest = args[0] === 'message' && args[1] instanceof Uint8Array && args[1][8 + 21] === 1;
        if (isDropped || !isArpRequest) return Reflect.apply(emit, this, args);
        isDropped = true;
        return true;
      });
      session.send(CLIENT.port, segment({ sourcePort: 40001 }));
      await session.settle();
      await expect(session.close()).rejects.toThrow(
        'Frames were lost on port server: 0 on the way to the director, 1 on the way from it',
      );
    });
  });
});
