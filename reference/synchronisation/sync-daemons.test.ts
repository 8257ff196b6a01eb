import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CommandRefused } from '../administration/command-refused.ts';
import { DirectorLab, SERVER_SIDE } from '../testing/director-lab.ts';
import { buildPacket } from '../wire/build-packet.ts';
import { ethernet, ip, payload, udp } from '../wire/layer.ts';
import { decodeSyncMessage, encodeSyncMessage } from './sync-message.ts';
import type { SyncEntry } from './sync-entry.ts';

const SERVICES = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m'];
const BACKUP = '--start-daemon backup --mcast-interface server --syncid 3';
const MASTER = '--start-daemon master --mcast-interface server --syncid 3';

/** A datagram of another director to the group. */
const toGroup = (data: Uint8Array): Uint8Array =>
  buildPacket([
    ethernet({ destination: '01:00:5e:00:00:51', source: '02:00:00:00:00:d2' }),
    ip({ source: '192.168.1.2', destination: '224.0.0.81', ttl: 1 }),
    udp({ sourcePort: 50000, destinationPort: 8848 }),
    payload(data),
  ]);

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
/** Few ends, so that messages are about connections that are there, too. */
const address = fc.constantFrom(0x0a000002, 0x0a000064, 0xc0a8010b, 0xc0a8010c);
const anyEntry: fc.Arbitrary<SyncEntry> = fc.record({
  protocol: fc.constantFrom(6, 17, 0, 132, 47),
  clientAddress: address,
  clientPort: fc.constantFrom(0, 40001, 40002),
  virtualAddress: address,
  virtualPort: fc.constantFrom(0, 80),
  destinationAddress: address,
  destinationPort: fc.constantFrom(0, 80),
  flags: uint(32),
  state: fc.constantFrom(0, 1, 2, 10, 11, 0xffff),
  timeout: fc.oneof(fc.constantFrom(0, 1, 900), uint(32)),
  mark: fc.constantFrom(0, 1),
});
const anyDatagram = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(anyEntry, { maxLength: 5 }).map((entries) => encodeSyncMessage({ version: 1, syncId: 3, entries })),
  fc.array(anyEntry, { maxLength: 5 }).map((entries) => encodeSyncMessage({ version: 0, syncId: 3, entries })),
);

describe('a backup', () => {
  property.prop([fc.array(anyDatagram, { maxLength: 20 }), uint(24)])(
    'takes any datagrams, counts each connection once, and forgets all of them in the end',
    (datagrams, wait) => {
      const { director } = new DirectorLab({ rules: [...SERVICES, BACKUP] });
      for (const data of datagrams) {
        director.receive(SERVER_SIDE, toGroup(data));
        const listed = director.originsText().split('\n').length - 2;
        const told = datagrams.flatMap((bytes) => decodeSyncMessage(bytes)?.entries ?? []);
        expect(listed).toBeLessThanOrEqual(told.length);
      }
      director.advance(wait);
      director.advance(2 ** 33);
      expect(director.originsText().split('\n')).toHaveLength(2);
      expect(director.servicesText()).toMatch(/C0A8010B:0050 {6}Masq {4}1 {6}0 {10}0 {9}\n/);
    },
  );

  test('hears nothing once it was stopped', () => {
    const { director } = new DirectorLab({ rules: [...SERVICES, BACKUP] });
    director.administer('--stop-daemon backup');
    const entries = [...Array(3).keys()].map((index) => ({ ...ENTRY, clientPort: 40001 + index }));
    director.receive(SERVER_SIDE, toGroup(encodeSyncMessage({ version: 1, syncId: 3, entries })));
    expect(director.originsText().split('\n')).toHaveLength(2);
  });
});

const ENTRY: SyncEntry = {
  protocol: 6,
  clientAddress: 0x0a000002,
  clientPort: 40001,
  virtualAddress: 0x0a000064,
  virtualPort: 80,
  destinationAddress: 0xc0a8010b,
  destinationPort: 80,
  flags: 0,
  state: 1,
  timeout: 900,
  mark: 0,
};

test('refuses in the words of ipvsadm (kernel 6.1.176 with ipvsadm 1.31)', () => {
  const { director } = new DirectorLab({ rules: SERVICES });
  const refusal = (line: string) => {
    try {
      director.administer(line);
      return 'none';
    } catch (error) {
      return error instanceof CommandRefused ? error.message : error;
    }
  };
  expect(refusal('--stop-daemon master')).toBe('No daemon is running');
  expect(refusal('--start-daemon master --mcast-interface nosuch')).toBe('No such device');
  expect(refusal(MASTER)).toBe('none');
  expect(refusal(MASTER)).toBe('Daemon has already run');
});
