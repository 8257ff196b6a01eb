import { expect, test } from 'vitest';
import { MemoryHost, type MemoryLink } from '../../command/director/testing/memory-host.ts';
import { finish, pseudoHeaderSum } from '../../reference/wire/checksum.ts';
import { arp, ethernet, ip, payload, udp } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import type { Impairment } from '../lab/link.ts';
import { LONGEST_HOLD } from './bad-cable.ts';
import { Relay } from './relay.ts';

const question = buildPacket([ethernet(), arp({})]);
const datagram = (text: string): Uint8Array =>
  buildPacket([ethernet(), ip({ source: '10.0.0.2', destination: '10.0.0.100' }), udp(), payload(text)]);

function set(impairment: Impairment): { host: MemoryHost; machine: MemoryLink; bridge: MemoryLink; relay: Relay } {
  const host = new MemoryHost({});
  const options = { promiscuous: true, warn: () => undefined };
  const relay = new Relay(host, [host.open('machine', options), host.open('bridge', options)], impairment);
  return { host, machine: host.link('machine'), bridge: host.link('bridge'), relay };
}

test('what one end sends comes out of the other, both ways', async () => {
  const { machine, bridge, relay } = set({ seed: 1 });
  machine.arrive(datagram('there'));
  bridge.arrive(datagram('back'));
  await relay.step();
  expect(bridge.sent).toEqual([datagram('there')]);
  expect(machine.sent).toEqual([datagram('back')]);
});

test('address resolution survives where all traffic is lost', async () => {
  const { machine, bridge, relay } = set({ loss: 1, seed: 1 });
  for (const frame of [datagram('lost'), question]) machine.arrive(frame);
  await relay.step();
  expect(bridge.sent).toEqual([question]);
});

test('the last frame is let go although none follows', async () => {
  const { host, machine, bridge, relay } = set({ reorder: 1, seed: 1 });
  machine.arrive(datagram('last'));
  await relay.step();
  expect(bridge.sent).toEqual([]);
  const before = host.now();
  await relay.step();
  expect(bridge.sent).toEqual([datagram('last')]);
  expect(host.now() - before).toBe(LONGEST_HOLD);
});

test('what one end sends does not change what befalls the other', async () => {
  const fate = async (others: number): Promise<readonly Uint8Array[]> => {
    const { machine, bridge, relay } = set({ loss: 0.5, seed: 5 });
    for (let number = 0; number < others; number++) bridge.arrive(datagram('other'));
    for (let number = 0; number < 40; number++) machine.arrive(datagram(String(number)));
    await relay.step();
    return bridge.sent;
  };
  expect(await fate(0)).toEqual(await fate(30));
});

test('the two directions have fates of their own', async () => {
  const { machine, bridge, relay } = set({ loss: 0.5, seed: 5 });
  for (let number = 0; number < 40; number++) {
    machine.arrive(datagram(String(number)));
    bridge.arrive(datagram(String(number)));
  }
  await relay.step();
  expect(machine.sent).not.toEqual(bridge.sent);
});

test('a checksum left to hardware is whole behind the cable', async () => {
  const { machine, bridge, relay } = set({ seed: 1 });
  const left = datagram('unfinished');
  const view = new DataView(left.buffer, left.byteOffset);
  view.setUint16(40, ~finish(pseudoHeaderSum(0x0a000002, 0x0a000064, 17, left.length - 34)));
  machine.arrive(left, { checksum: { start: 34, offset: 6 }, segmentSize: 0 });
  await relay.step();
  expect(bridge.sent).toEqual([datagram('unfinished')]);
});
