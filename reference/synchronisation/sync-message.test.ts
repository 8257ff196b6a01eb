import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../wire/ip-address.ts';
import { fromHex, toHex } from '../wire/hex.ts';
import { SEQUENCE_FLAGS, type SyncEntry } from './sync-entry.ts';
import { decodeSyncMessage, encodeSyncMessage, type SyncMessage } from './sync-message.ts';

const CLIENT = 0x0a000002;
const VIRTUAL = 0x0a000064;
const SERVER = 0xc0a8010b;

const ENTRY: SyncEntry = {
  protocol: 6,
  clientAddress: CLIENT,
  clientPort: 40001,
  virtualAddress: VIRTUAL,
  virtualPort: 80,
  destinationAddress: SERVER,
  destinationPort: 80,
  flags: 0,
  state: 1,
  timeout: 900,
  mark: 0,
};
const SIP_TEMPLATE: SyncEntry = {
  ...ENTRY,
  protocol: 17,
  clientPort: 0,
  virtualPort: 5060,
  destinationPort: 5060,
  flags: 0x1100,
  state: 0,
  timeout: 60,
  engineData: new TextEncoder().encode('abc123def@h'),
  engineName: 'sip',
};

/** Datagrams that Linux 6.1.176 sent, of sync id 3, and what it had been made to tell in them. */
const RECORDED: Readonly<Record<string, { readonly bytes: string; readonly message: SyncMessage }>> = {
  'the third packet of a connection': {
    bytes: '0003002c010100000006002400000000' + '00019c410050005000000000000003840a0000020a000064c0a8010b',
    message: { version: 1, syncId: 3, entries: [ENTRY] },
  },
  'version 0: a connection, and one that the client closed': {
    bytes:
      '02030034' +
      '00069c4100501f900a0000020a000064c0a8010b00000001' +
      '00069c4200501f900a0000020a000064c0a8010b01000007',
    message: {
      version: 0,
      syncId: 3,
      entries: [
        { ...ENTRY, destinationPort: 8080, timeout: 0 },
        { ...ENTRY, clientPort: 40002, destinationPort: 8080, flags: 0x100, state: 7, timeout: 0 },
      ],
    },
  },
  'VS/DR with persistence: connection and template': {
    bytes:
      '000300500201000000060024000000830001' +
      '9c410050005000000000000003840a0000020a000064c0a8010b' +
      '00060024000011830001000000500050000000000000' +
      '00320a0000020a000064c0a8010b',
    message: {
      version: 1,
      syncId: 3,
      entries: [
        { ...ENTRY, flags: 0x83 },
        { ...ENTRY, clientPort: 0, flags: 0x1183, timeout: 50 },
      ],
    },
  },
  'a persistence engine: data, name, and padding before the next entry': {
    bytes:
      '000300d204010000' +
      '00110036000011000000000013c413c4000000000000003c0a0000020a000064c0a8010b020b61626331323364656640680303736970' +
      '0000' +
      '00110036000011000000000013c413c4000000000000003c0a0000020a000064c0a8010b020b61626331323364656640680303736970' +
      '0000' +
      '001100240000010000' +
      '0013c413c413c4000000000000012c0a0000020a000064c0a8010b' +
      '00110036000011000000000013c413c4000000000000003c0a0000020a000064c0a8010b020b61626331323364656640680303736970',
    message: {
      version: 1,
      syncId: 3,
      entries: [
        SIP_TEMPLATE,
        SIP_TEMPLATE,
        {
          ...ENTRY,
          protocol: 17,
          clientPort: 5060,
          virtualPort: 5060,
          destinationPort: 5060,
          flags: 0x100,
          state: 0,
          timeout: 300,
        },
        SIP_TEMPLATE,
      ],
    },
  },
};

describe.for(Object.entries(RECORDED))('as Linux sent it: %s', ([, { bytes, message }]) => {
  it('is read', () => {
    expect(decodeSyncMessage(fromHex(bytes, 'recording'))).toEqual(message);
  });
  it('is written', () => {
    expect(toHex(encodeSyncMessage(message))).toBe(bytes);
  });
});

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const shift = fc.record({ from: uint(32), delta: uint(32), previousDelta: uint(32) });
const sequences = fc.record({ towardsServer: shift, towardsClient: shift });
const ports = { clientPort: uint(16), virtualPort: uint(16), destinationPort: uint(16), state: uint(16) };
const ipv4 = { clientAddress: uint(32), virtualAddress: uint(32), destinationAddress: uint(32) };
const ipv6Address = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
const ipv6 = { clientAddress: ipv6Address, virtualAddress: ipv6Address, destinationAddress: ipv6Address };
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'p', '_', '-'), minLength: 1, maxLength: 16 });

const entryV0 = fc
  .record({ ...ports, ...ipv4, protocol: uint(8), flags: uint(16), sequences })
  .map(({ sequences: pair, ...rest }): SyncEntry => {
    const entry = { ...rest, timeout: 0, mark: 0 };
    return (entry.flags & SEQUENCE_FLAGS) === 0 ? entry : { ...entry, sequences: pair };
  });
const optional = { sequences, engineData: fc.uint8Array({ minLength: 1, maxLength: 255 }), engineName: name };
const fixed = { ...ports, protocol: uint(8), flags: uint(32), timeout: uint(32), mark: uint(32) };
const requiredKeys = Object.keys({ ...fixed, ...ipv4 }) as (keyof typeof fixed | keyof typeof ipv4)[];
const entryV1: fc.Arbitrary<SyncEntry> = fc.oneof(
  fc.record({ ...fixed, ...ipv4, ...optional }, { requiredKeys }),
  fc.record({ ...fixed, ...ipv6, ...optional }, { requiredKeys }),
);
const anyMessage: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({ version: fc.constant(0 as const), syncId: uint(8), entries: fc.array(entryV0, { maxLength: 40 }) }),
  fc.record({ version: fc.constant(1 as const), syncId: uint(8), entries: fc.array(entryV1, { maxLength: 40 }) }),
);

test.prop([anyMessage])('what is written is read again', (message) => {
  expect(decodeSyncMessage(encodeSyncMessage(message))).toEqual(message);
});

test.prop([anyMessage, fc.nat()])(
  'cut short and its size corrected, the entries before the cut are read',
  (message, at) => {
    const whole = encodeSyncMessage(message);
    const bytes = whole.slice(0, at % (whole.length + 1));
    if (bytes.length >= 4) new DataView(bytes.buffer).setUint16(2, bytes.length);
    const entries = decodeSyncMessage(bytes)?.entries ?? [];
    expect(message.entries.slice(0, entries.length)).toEqual(entries);
  },
);

test.prop([fc.uint8Array({ maxLength: 300 })])(
  'any bytes are read or refused, never more entries than they have room for',
  (bytes) => {
    if (bytes.length >= 4) new DataView(bytes.buffer, bytes.byteOffset).setUint16(2, bytes.length);
    const message = decodeSyncMessage(bytes);
    expect((message?.entries.length ?? 0) * 24).toBeLessThanOrEqual(bytes.length);
  },
);

/** A datagram of version 1 with one entry of these bytes behind a good one, and its size. */
const withEntry = (hex: string): Uint8Array => {
  const bytes = Uint8Array.from([
    ...encodeSyncMessage({ version: 1, syncId: 3, entries: [ENTRY] }),
    ...fromHex(hex, 'entry'),
  ]);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, bytes.length);
  view.setUint8(4, 2);
  return bytes;
};
const FIXED = '0000000000019c410050005000000000000003840a0000020a000064c0a8010b';

describe('what ip_vs_sync.c refuses', () => {
  it('is, as a whole, a datagram of another size than it says', () => {
    const bytes = encodeSyncMessage({ version: 1, syncId: 3, entries: [ENTRY] });
    expect(decodeSyncMessage(Uint8Array.from([...bytes, 0]))).toBeUndefined();
    expect(decodeSyncMessage(bytes.subarray(0, -1))).toBeUndefined();
    expect(decodeSyncMessage(bytes.subarray(0, 3))).toBeUndefined();
  });

  it.for([
    ['an entry that ends with the datagram', '00060024', 'the datagram ends within an entry'],
    ['a size beyond the datagram', `00060028${FIXED}`, 'an entry is larger than the datagram'],
    ['a version of the entry', `00061024${FIXED}`, 'unknown version 1 of an entry'],
    ['a type', `02060024${FIXED}`, 'unknown type 2 of an entry'],
    ['a size below the fixed part', `00060023${FIXED}`, 'an entry is smaller than its fixed part'],
    ['a size of nothing', `00060000${FIXED}`, 'an entry is smaller than its fixed part'],
    ['IPv6 with the size of IPv4', `01060024${FIXED}`, 'an entry is smaller than its fixed part'],
    ['half an option', `00060025${FIXED}02`, 'an entry ends within the header of an option'],
    ['an empty option', `00060026${FIXED}0200`, 'an option is empty'],
    ['an option beyond the entry', `00060027${FIXED}020261`, 'an entry ends within an option'],
    ['sequences of another length', `00060027${FIXED}010100`, 'sequences of 1 bytes instead of 24'],
    ['data twice', `0006002a${FIXED}020161020162`, "a persistence engine's data twice in an entry"],
    ['a name twice', `0006002a${FIXED}030161030162`, "a persistence engine's name twice in an entry"],
    [
      'a name of 17 characters',
      `00060037${FIXED}0311${'61'.repeat(17)}`,
      "a persistence engine's name of 17 characters",
    ],
    ['sequences twice', `00060058${FIXED}${`0118${'00'.repeat(24)}`.repeat(2)}`, 'sequences twice in an entry'],
  ] as const)('is from there on %s', ([, hex, fault]) => {
    expect(decodeSyncMessage(withEntry(hex))).toEqual({ version: 1, syncId: 3, entries: [ENTRY], fault });
  });

  it('is the one entry with an option that must be known; who may leave it out does', () => {
    const unknown = decodeSyncMessage(withEntry(`00060027${FIXED}050161`));
    expect(unknown).toEqual({ version: 1, syncId: 3, entries: [ENTRY] });
    const known = decodeSyncMessage(withEntry(`00060027${FIXED}450161`));
    expect(known?.entries).toEqual([ENTRY, ENTRY]);
  });

  it('is in version 0 an entry without room for the sequences that its flags tell of', () => {
    const bytes = encodeSyncMessage({ version: 0, syncId: 3, entries: [ENTRY, { ...ENTRY, flags: 0x200 }] });
    const cut = bytes.slice(0, 4 + 24 + 24 + 23);
    new DataView(cut.buffer).setUint16(2, cut.length);
    expect(decodeSyncMessage(cut)).toEqual({
      version: 0,
      syncId: 3,
      entries: [{ ...ENTRY, timeout: 0 }],
      fault: 'the datagram ends within the sequences of an entry',
    });
  });
});

it('more than 255 entries are told as what eight bits hold, as Linux 6.1.176 does: 300 of 36 bytes as 44', () => {
  const message = { version: 1, syncId: 3, entries: Array.from({ length: 300 }, () => ENTRY) } as const;
  const bytes = encodeSyncMessage(message);
  expect(toHex(bytes.subarray(0, 8))).toBe('00032a382c010000');
  expect(decodeSyncMessage(bytes)?.entries).toHaveLength(44);
});

it('IPv6 needs version 1', () => {
  const address = 0x20010db8000000000000000000000001n;
  const entry = { ...ENTRY, clientAddress: address, virtualAddress: address, destinationAddress: address };
  const [read] = decodeSyncMessage(encodeSyncMessage({ version: 1, syncId: 0, entries: [entry] }))?.entries ?? [];
  expect(formatAddress(read?.clientAddress ?? 0)).toBe('2001:db8::1');
});
