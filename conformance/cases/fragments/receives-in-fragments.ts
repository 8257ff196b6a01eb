import { internetChecksum } from '../../../reference/wire/checksum.ts';
import { FRAGMENT, IPV4 } from '../../../reference/wire/ipv4.ts';
import { dissect } from '../../../reference/wire/packet.ts';
import type { TemplateLayer } from '../../harness/expectation.ts';
import { ExpectationFailed } from '../../harness/expectation-failed.ts';
import type { Host, Lab, Packet } from '../../harness/lab.ts';
import { ethernet, ip } from '../../harness/layers.ts';
import { describeDifference, matchPacket } from '../../harness/match-packet.ts';

const ETHERNET_HEADER = 14;

/** What is in the frames of one datagram. */
interface Datagram {
  /** From the IP header on, of the first fragment. */
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/**
 * Takes all packets that wait at `host`, each no larger than `mtu` bytes, and puts their fragments together, however they were cut.
 * The whole, which begins at the IP layer, must match `template`, checksums included. Returns how many frames there were.
 *
 * VS/TUN may cut before or after it wraps (RFC 2003 §5.1): with `outer` the tunnel headers must match that, and `template` is for the packet inside.
 */
export function receivesInFragments(
  lab: Lab,
  host: Host,
  mtu: number,
  template: readonly TemplateLayer[],
  outer?: TemplateLayer,
): number {
  const packets: Uint8Array[] = [];
  while (host.hasPacket) {
    const { bytes } = host.receives(ethernet({ destination: host.mac }), outer ?? ip());
    lab.within('bytes of a packet', bytes.length - ETHERNET_HEADER, IPV4.headerLength, mtu);
    packets.push(bytes.subarray(ETHERNET_HEADER));
  }
  const whole = outer === undefined ? assemble(packets) : assemble(insides(packets));
  const { differences, deviations } = matchPacket(template, asPacket(whole));
  if (differences.length > 0) {
    throw new ExpectationFailed([
      `the ${packets.length} packets that ${host.name} got should make one that is right:`,
      ...differences.map(describeDifference),
    ]);
  }
  // `receives` would have noted them; the whole packet is none that a host received.
  for (const id of deviations) lab.equal('departure', id, 'none', { id, value: id });
  return packets.length;
}

/** What travels in the tunnel packets: one packet in fragments of the outer one, or fragments each in a tunnel packet of its own. */
function insides(packets: readonly Uint8Array[]): readonly Uint8Array[] {
  const whole = packets.some((packet) => isFragment(packet)) ? [bytesOf(assemble(packets))] : packets;
  return whole.map((packet) => packet.subarray(IPV4.headerLength));
}

/** RFC 791 §3.2, for a receiver that wants every byte once. */
function assemble(packets: readonly Uint8Array[]): Datagram {
  const parts = packets
    .map((packet) => ({ packet, offset: (fragmentField(packet) & FRAGMENT.offsetMask) * FRAGMENT.offsetUnit }))
    .sort((one, other) => one.offset - other.offset);
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new ExpectationFailed(['no packet came']);
  const data: number[] = [];
  for (const { packet, offset } of parts) {
    if (offset !== data.length || !isOf(packet, first.packet)) {
      throw new ExpectationFailed([`fragments do not fit: one begins at ${offset} where ${data.length} is missing`]);
    }
    data.push(...packet.subarray(headerLength(packet), view(packet).getUint16(IPV4.totalLength)));
  }
  if ((fragmentField(last.packet) & FRAGMENT.mf) !== 0) throw new ExpectationFailed(['the last fragment did not come']);
  return { header: first.packet.subarray(0, headerLength(first.packet)), data: Uint8Array.from(data) };
}

/** The whole as one packet: its header without fragment fields. */
function bytesOf({ header, data }: Datagram): Uint8Array {
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  const whole = view(bytes);
  whole.setUint16(IPV4.totalLength, bytes.length);
  whole.setUint16(IPV4.fragment, fragmentField(header) & FRAGMENT.df);
  whole.setUint16(IPV4.checksum, 0);
  whole.setUint16(IPV4.checksum, internetChecksum(whole, 0, header.length));
  return bytes;
}

function asPacket(datagram: Datagram): Packet {
  const bytes = new Uint8Array(ETHERNET_HEADER + datagram.header.length + datagram.data.length);
  view(bytes).setUint16(12, 0x0800);
  bytes.set(bytesOf(datagram), ETHERNET_HEADER);
  return { bytes, layers: dissect(bytes) };
}

/** Fragments belong together by these fields (RFC 791 §3.2). */
function isOf(packet: Uint8Array, first: Uint8Array): boolean {
  const key = (bytes: Uint8Array) =>
    [IPV4.source, IPV4.destination].map((at) => view(bytes).getUint32(at)).join() +
    `,${view(bytes).getUint16(IPV4.id)},${bytes[IPV4.protocol] ?? 0}`;
  return key(packet) === key(first);
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const fragmentField = (packet: Uint8Array) => view(packet).getUint16(IPV4.fragment);
const isFragment = (packet: Uint8Array) => (fragmentField(packet) & (FRAGMENT.mf | FRAGMENT.offsetMask)) !== 0;
const headerLength = (packet: Uint8Array) => ((packet[IPV4.versionAndLength] ?? 0) & 0x0f) * 4;
