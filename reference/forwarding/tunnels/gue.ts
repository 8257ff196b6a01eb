import { internetChecksum } from '../../wire/checksum.ts';
import { GUE, isGueData, statedGueLength } from '../../wire/gue.ts';
import { PROTOCOL } from '../../wire/ipv4.ts';
import { UDP, udpChecksum } from '../../wire/udp.ts';
import type { PacketBuffer } from '../packet-buffer.ts';
import { PROTOCOL_OF_FAMILY, type TunnelType } from './tunnel-type.ts';

const LENGTH = UDP.headerLength + GUE.headerLength;

/** Where source ports are taken from (`net.ipv4.ip_local_port_range`). */
const PORTS = { first: 32768, count: 60999 - 32768 } as const;

/**
 * Generic UDP encapsulation (draft-ietf-intarea-gue-09; ip_vs_xmit.c:ipvs_gue_encap, ip_vs_core.c:ipvs_udp_decap). Remote checksum offload
 * has nothing to offload where the packet comes with its checksum: then it is the checksum of UDP alone.
 */
export const gue: TunnelType = {
  length: () => LENGTH,

  wrap(packet, tunnel, addressSum) {
    const { view, family } = packet;
    const port = sourcePort(packet);
    packet.start -= LENGTH;
    const { start, end } = packet;
    const length = end - start;
    view.setUint16(start + UDP.sourcePort, port);
    view.setUint16(start + UDP.destinationPort, tunnel.port);
    view.setUint16(start + UDP.length, length);
    view.setUint16(start + UDP.checksum, 0);
    const header = start + UDP.headerLength;
    view.setUint8(header + GUE.versionAndLength, 0);
    view.setUint8(header + GUE.protocol, PROTOCOL_OF_FAMILY[family]);
    view.setUint16(header + GUE.flags, 0);
    if (tunnel.checksum !== 'none') {
      const pseudoHeader = addressSum + PROTOCOL.udp + length;
      view.setUint16(start + UDP.checksum, udpChecksum(internetChecksum(view, start, length, pseudoHeader)));
    }
    return PROTOCOL.udp;
  },

  /** Data in version 0, and IPv4 inside; options are skipped. */
  quotedLength(view, start, end) {
    if (end - start < LENGTH) return undefined;
    const header = start + UDP.headerLength;
    const isOurs = isGueData(view, header) && view.getUint8(header + GUE.protocol) === PROTOCOL.ipip;
    return isOurs ? UDP.headerLength + statedGueLength(view, header) : undefined;
  },
};

/**
 * One port for all packets of a flow, so that routers keep them on one path (RFC 7510 §3; include/net/udp.h:udp_flow_src_port, whose hash
 * nobody can foretell).
 */
function sourcePort({ addressSum, protocol, transport, transportLength, isFragment, view }: PacketBuffer): number {
  const hasPorts =
    (protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.sctp) &&
    transportLength >= 4 &&
    !isFragment;
  const ports = hasPorts ? view.getUint32(transport) : 0;
  const hash = Math.imul(Math.imul(addressSum + protocol, 0x9e3779b1) ^ ports, 0x85ebca6b) >>> 0;
  return PORTS.first + Math.floor((hash * PORTS.count) / 2 ** 32);
}
