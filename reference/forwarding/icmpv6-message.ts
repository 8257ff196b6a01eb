import { internetChecksum } from '../wire/checksum.ts';
import { ICMP6 } from '../wire/icmpv6.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { writeIpv6Header } from './ipv6-header.ts';
import { PacketBuffer } from './packet-buffer.ts';

export interface Icmpv6Message {
  readonly source: bigint;
  readonly destination: bigint;
  readonly hopLimit: number;
  readonly trafficClass?: number;
  /** `type << 8 | code`. */
  readonly typeAndCode: number;
  /** Bytes 4 to 7. */
  readonly rest: number;
  readonly body: Uint8Array;
}

/** An ICMPv6 message of the director's own, with its checksum (RFC 4443 §2.3). */
export function icmpv6Message(message: Icmpv6Message): PacketBuffer {
  const length = ICMP6.headerLength + message.body.length;
  const packet = new PacketBuffer(IPV6.headerLength + length);
  const icmp = packet.start + IPV6.headerLength;
  packet.end = icmp + length;
  packet.view.setUint16(icmp + ICMP6.type, message.typeAndCode);
  packet.view.setUint32(icmp + ICMP6.rest, message.rest);
  packet.bytes.set(message.body, icmp + ICMP6.headerLength);
  const { source, destination, hopLimit, trafficClass = 0 } = message;
  writeIpv6Header(packet, { source, destination, nextHeader: PROTOCOL.icmpv6, trafficClass, hopLimit });
  const pseudo = packet.addressSum + PROTOCOL.icmpv6 + length;
  packet.view.setUint16(icmp + ICMP6.checksum, internetChecksum(packet.view, icmp, length, pseudo));
  return packet;
}

/** The checksum is right (RFC 4443 §2.3). */
export function icmpv6ChecksumHolds(packet: PacketBuffer): boolean {
  const { view, transport, transportLength } = packet;
  const pseudo = packet.addressSum + PROTOCOL.icmpv6 + transportLength;
  return internetChecksum(view, transport, transportLength, pseudo) === 0;
}
