import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../../reference/environment.ts';
import { buildPacket } from '../../../reference/wire/build-packet.ts';
import { ethernet, icmp6, ip6, neighbour, tcp, type Layer } from '../../../reference/wire/layer.ts';
import { KernelTarget } from './kernel-target.ts';
import { needsKernel, testEnvironment, testKernel } from './testing/test-kernel.ts';
import { CLIENT, closeSessions, openSession, SERVER } from './testing/test-wire.ts';

const [CLIENT_PORT, SERVER_PORT] = testEnvironment.ports;
if (CLIENT_PORT === undefined || SERVER_PORT === undefined) throw new Error('there are two ports');
const [VIP, HOST, REAL] = ['2001:db8:0:1::100', '2001:db8:0:1::2', '2001:db8:0:2::11'];
const environment: Environment = {
  ...testEnvironment,
  ports: [
    { ...CLIENT_PORT, addresses: ['2001:db8:0:1::1/64'] },
    { ...SERVER_PORT, addresses: ['192.168.1.1/24', '2001:db8:0:2::1/64'] },
  ],
  virtualAddresses: [VIP],
  routes: [{ destination: '::/0', via: '2001:db8:0:1::fe' }],
};
const ONE_SERVER = [`-A -t [${VIP}]:80 -s rr`, `-a -t [${VIP}]:80 -r [${REAL}]:8080 -m -w 1`];

const fromClient = (...layers: readonly Layer[]): Uint8Array =>
  buildPacket([ethernet({ destination: CLIENT_PORT.mac, source: CLIENT.mac }), ...layers]);
const syn = (destination = VIP): Uint8Array =>
  fromClient(
    ip6({ source: HOST, destination, trafficClass: 3, flowLabel: 0x12345 }),
    tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
  );
const advertisement = (target: string): Uint8Array =>
  buildPacket([
    ethernet({ destination: SERVER_PORT.mac, source: SERVER.mac }),
    ip6({ source: target, destination: 'fe80::ff:fe00:201', hopLimit: 255 }),
    icmp6({ type: 136, rest: 0x6000_0000 }),
    neighbour({ target, option: 2, mac: SERVER.mac }),
  ]);
const solicitation = (target: string, group: string, mac: string): Uint8Array =>
  buildPacket([
    ethernet({ destination: mac, source: CLIENT.mac }),
    ip6({ source: HOST, destination: group, hopLimit: 255 }),
    icmp6({ type: 135 }),
    neighbour({ target, mac: CLIENT.mac }),
  ]);

describe.skipIf('why' in testKernel)(needsKernel('the kernel with IPv6'), () => {
  let target: KernelTarget;

  beforeAll(async () => {
    if ('why' in testKernel) throw new Error(testKernel.why);
    target = new KernelTarget(testKernel.kernel, { guests: 1 });
    await target.start();
  });
  afterAll(() => target.stop());
  afterEach(closeSessions);

  test('asks for the real server from its link-local address, and forwards (VS/NAT)', async () => {
    const { session, received } = await openSession(target, environment);
    await session.configure(ONE_SERVER);
    session.send(CLIENT.port, syn());
    await session.settle();
    expect(received()).toMatchObject([
      {
        port: SERVER.port,
        layers: [
          { kind: 'ethernet', destination: '33:33:ff:00:00:11', source: SERVER_PORT.mac },
          { kind: 'ip6', source: 'fe80::ff:fe00:201', destination: 'ff02::1:ff00:11', hopLimit: 255 },
          { kind: 'icmp6', type: 135 },
          { kind: 'neighbour', target: REAL, option: 1, mac: SERVER_PORT.mac },
        ],
      },
    ]);
    session.send(SERVER.port, advertisement(REAL));
    await session.settle();
    expect(received()).toMatchObject([
      {
        port: SERVER.port,
        layers: [
          { kind: 'ethernet', destination: SERVER.mac },
          { kind: 'ip6', destination: REAL, hopLimit: 63, trafficClass: 3, flowLabel: 0x12345 },
          { kind: 'tcp', sourcePort: 40001, destinationPort: 8080 },
        ],
      },
    ]);
    await session.close();
  });

  test('answers for its own and for virtual addresses from the first frame on, each time', async () => {
    for (let round = 0; round < 20; round++) {
      const { session, received } = await openSession(target, environment);
      session.send(CLIENT.port, solicitation(VIP, 'ff02::1:ff00:100', '33:33:ff:00:01:00'));
      session.send(CLIENT.port, solicitation('2001:db8:0:1::1', 'ff02::1:ff00:1', '33:33:ff:00:00:01'));
      await session.settle();
      expect(received().map(({ layers }) => layers[3])).toMatchObject([
        { kind: 'neighbour', target: VIP, option: 2, mac: CLIENT_PORT.mac },
        { kind: 'neighbour', target: '2001:db8:0:1::1', option: 2, mac: CLIENT_PORT.mac },
      ]);
      await session.close();
    }
  });

  test('says nothing by itself, in hours', async () => {
    const { session, received } = await openSession(target, environment);
    for (let hour = 0; hour < 3; hour++) await session.advance?.(3600);
    expect(received()).toEqual([]);
    await session.close();
  });

  test('where the environment has no IPv6, has none: a router for IPv4 alone', async () => {
    const { session, received } = await openSession(target);
    session.send(CLIENT.port, solicitation('fe80::ff:fe00:101', 'ff02::1:ff00:101', '33:33:ff:00:01:01'));
    session.send(CLIENT.port, syn());
    await session.settle();
    expect(received()).toEqual([]);
    await session.close();
  });

  test('with derived neighbours finds every address on port 0, and no neighbour discovery is seen', async () => {
    const { session, received } = await openSession(target, { ...environment, routes: [], neighbours: 'derived' });
    await session.configure([`-A -t [${VIP}]:80 -s rr`, `-a -t [${VIP}]:80 -r [2001:db8:9::a:b]:80 -g -w 1`]);
    session.send(CLIENT.port, syn());
    await session.settle();
    expect(received()).toMatchObject([
      { port: CLIENT.port, layers: [{ destination: '02:06:00:0a:00:0b' }, { kind: 'ip6', destination: VIP }, {}] },
    ]);
    await session.close();
  });
});
