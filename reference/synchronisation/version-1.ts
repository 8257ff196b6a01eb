import { isIpv6, type Address } from '../wire/ip-address.ts';
import { readIpv6, writeIpv6 } from '../wire/ipv6-address.ts';
import { readSequences, SEQUENCE_LENGTH, type SyncEntry, writeSequences } from './sync-entry.ts';

/**
 * An entry of version 1 (ip_vs_sync.c, "Sync Connection format"). `size` counts entry and options, in the low 12 bits; the high 4 bits
 * are the entry's own version, 0. The next entry begins at a multiple of 4.
 *
 * ```
 *  0       1       2       3
 *  +-------+--------+--------------+
 *  | type  |protocol| ver.   size  |  0    type: bit 0 for IPv6
 *  +-------+--------+--------------+
 *  |             flags             |  4
 *  +---------------+---------------+
 *  |     state     |  client port  |  8
 *  +---------------+---------------+
 *  | virtual port  |  dest. port   |  12
 *  +---------------+---------------+
 *  |         firewall mark         |  16
 *  |       timeout (seconds)       |  20
 *  +-------------------------------+
 *  | client, virtual, destination  |  24   4 or 16 bytes each
 *  |           address             |
 *  +-------------------------------+
 *  | options: type, length, data   |  36 or 72
 * ```
 */
const ENTRY = {
  type: 0,
  protocol: 1,
  size: 2,
  flags: 4,
  state: 8,
  clientPort: 10,
  virtualPort: 12,
  destinationPort: 14,
  mark: 16,
  timeout: 20,
  addresses: 24,
} as const;

const IPV6_BIT = 1;
const ADDRESS_LENGTH = { ipv4: 4, ipv6: 16 } as const;
const IPV4_LENGTH = ENTRY.addresses + 3 * ADDRESS_LENGTH.ipv4;
const SIZE_MASK = 0x0fff;
const VERSION_SHIFT = 12;

/** Options of an entry: a type, the length of the data, the data. */
const OPTION = { sequences: 1, engineData: 2, engineName: 3, headerLength: 2 } as const;
/** Set in a type: who does not know the option may leave it out. */
const MAY_BE_LEFT_OUT = 0x40;
/** Characters of a persistence engine's name (`IP_VS_PENAME_MAXLEN`). */
const LONGEST_NAME = 16;

const fixedLength = (type: number): number =>
  ENTRY.addresses + 3 * ((type & IPV6_BIT) === 0 ? ADDRESS_LENGTH.ipv4 : ADDRESS_LENGTH.ipv6);

/** Bytes of the entry with its options, without padding. */
export function entryLengthV1(entry: SyncEntry): number {
  const { sequences, engineData, engineName } = entry;
  let length = fixedLength(isIpv6(entry.clientAddress) ? IPV6_BIT : 0);
  if (sequences !== undefined) length += OPTION.headerLength + SEQUENCE_LENGTH;
  if (engineData !== undefined) length += OPTION.headerLength + engineData.length;
  if (engineName !== undefined) length += OPTION.headerLength + engineName.length;
  return length;
}

/** Writes the entry at `at`; its bytes are zero (ip_vs_sync.c:ip_vs_sync_conn). */
export function writeEntryV1(view: DataView, at: number, entry: SyncEntry): void {
  const type = isIpv6(entry.clientAddress) ? IPV6_BIT : 0;
  view.setUint8(at + ENTRY.type, type);
  view.setUint8(at + ENTRY.protocol, entry.protocol);
  view.setUint16(at + ENTRY.size, entryLengthV1(entry) & SIZE_MASK);
  view.setUint32(at + ENTRY.flags, entry.flags);
  view.setUint16(at + ENTRY.state, entry.state);
  view.setUint16(at + ENTRY.clientPort, entry.clientPort);
  view.setUint16(at + ENTRY.virtualPort, entry.virtualPort);
  view.setUint16(at + ENTRY.destinationPort, entry.destinationPort);
  view.setUint32(at + ENTRY.mark, entry.mark);
  view.setUint32(at + ENTRY.timeout, entry.timeout);
  let next = at + ENTRY.addresses;
  for (const address of [entry.clientAddress, entry.virtualAddress, entry.destinationAddress]) {
    next = writeAddress(view, next, address);
  }
  if (entry.sequences !== undefined) {
    next = writeOptionHeader(view, next, OPTION.sequences, SEQUENCE_LENGTH);
    writeSequences(view, next, entry.sequences, false);
    next += SEQUENCE_LENGTH;
  }
  if (entry.engineData !== undefined) next = writeOption(view, next, OPTION.engineData, entry.engineData);
  if (entry.engineName !== undefined) writeOption(view, next, OPTION.engineName, bytesOf(entry.engineName));
}

/** What came of reading an entry: `entry` undefined where it has an option that must be known and is not. */
interface ReadEntry {
  readonly entry: SyncEntry | undefined;
  readonly next: number;
}

/** The entry at `at` and where the next one begins; a text where nothing from here on can be believed (ip_vs_sync.c:ip_vs_process_message). */
export function readEntryV1(view: DataView, at: number): ReadEntry | string {
  if (at + IPV4_LENGTH > view.byteLength) return 'the datagram ends within an entry';
  const type = view.getUint8(at + ENTRY.type);
  const versionAndSize = view.getUint16(at + ENTRY.size);
  const size = versionAndSize & SIZE_MASK;
  const end = at + size;
  if (end > view.byteLength) return 'an entry is larger than the datagram';
  if (versionAndSize >> VERSION_SHIFT !== 0) return `unknown version ${versionAndSize >> VERSION_SHIFT} of an entry`;
  if ((type & IPV6_BIT) === 0 && type !== 0) return `unknown type ${type} of an entry`;
  if (at + fixedLength(type) > end) return 'an entry is smaller than its fixed part';
  const options = readOptions(view, at + fixedLength(type), end);
  if (typeof options === 'string') return options;
  const next = at + ((size + 3) & ~3);
  return { entry: options === null ? undefined : { ...readFixedPart(view, at, type), ...options }, next };
}

function readFixedPart(view: DataView, at: number, type: number): SyncEntry {
  const address = (index: number): Address =>
    (type & IPV6_BIT) === 0
      ? view.getUint32(at + ENTRY.addresses + index * ADDRESS_LENGTH.ipv4)
      : readIpv6(view, at + ENTRY.addresses + index * ADDRESS_LENGTH.ipv6);
  return {
    protocol: view.getUint8(at + ENTRY.protocol),
    clientAddress: address(0),
    clientPort: view.getUint16(at + ENTRY.clientPort),
    virtualAddress: address(1),
    virtualPort: view.getUint16(at + ENTRY.virtualPort),
    destinationAddress: address(2),
    destinationPort: view.getUint16(at + ENTRY.destinationPort),
    flags: view.getUint32(at + ENTRY.flags),
    state: view.getUint16(at + ENTRY.state),
    timeout: view.getUint32(at + ENTRY.timeout),
    mark: view.getUint32(at + ENTRY.mark),
  };
}

type Options = Pick<SyncEntry, 'sequences' | 'engineData' | 'engineName'>;

/** The options from `at` to `end`; null where one is not known and may not be left out (ip_vs_sync.c:ip_vs_proc_sync_conn). */
function readOptions(view: DataView, at: number, end: number): Options | null | string {
  let options: Options = {};
  for (let next = at; next < end;) {
    if (next + OPTION.headerLength > end) return 'an entry ends within the header of an option';
    const type = view.getUint8(next) & ~MAY_BE_LEFT_OUT;
    const mandatory = (view.getUint8(next) & MAY_BE_LEFT_OUT) === 0;
    const length = view.getUint8(next + 1);
    const start = next + OPTION.headerLength;
    next = start + length;
    if (length === 0) return 'an option is empty';
    if (next > end) return 'an entry ends within an option';
    const data = new Uint8Array(view.buffer, view.byteOffset + start, length);
    if (type === OPTION.sequences) {
      if (length !== SEQUENCE_LENGTH) return `sequences of ${length} bytes instead of ${SEQUENCE_LENGTH}`;
      if (options.sequences !== undefined) return 'sequences twice in an entry';
      options = { ...options, sequences: readSequences(view, start, false) };
    } else if (type === OPTION.engineData) {
      if (options.engineData !== undefined) return "a persistence engine's data twice in an entry";
      options = { ...options, engineData: data.slice() };
    } else if (type === OPTION.engineName) {
      if (length > LONGEST_NAME) return `a persistence engine's name of ${length} characters`;
      if (options.engineName !== undefined) return "a persistence engine's name twice in an entry";
      options = { ...options, engineName: String.fromCharCode(...data) };
    } else if (mandatory) {
      return null;
    }
  }
  return options;
}

function writeAddress(view: DataView, at: number, address: Address): number {
  if (isIpv6(address)) {
    writeIpv6(view, at, address);
    return at + ADDRESS_LENGTH.ipv6;
  }
  view.setUint32(at, address);
  return at + ADDRESS_LENGTH.ipv4;
}

function writeOptionHeader(view: DataView, at: number, type: number, length: number): number {
  view.setUint8(at, type);
  view.setUint8(at + 1, length);
  return at + OPTION.headerLength;
}

function writeOption(view: DataView, at: number, type: number, data: Uint8Array): number {
  const start = writeOptionHeader(view, at, type, data.length);
  new Uint8Array(view.buffer, view.byteOffset + start, data.length).set(data);
  return start + data.length;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
