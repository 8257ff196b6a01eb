import { internetChecksum } from '../../wire/checksum.ts';
import { ETHER_TYPE } from '../../wire/ethernet.ts';
import { GRE, GRE_FLAG, greLength } from '../../wire/gre.ts';
import { PROTOCOL } from '../../wire/ipv4.ts';
import type { TunnelType } from './tunnel-type.ts';

/** Generic routing encapsulation (RFC 2784; ip_vs_xmit.c:ipvs_gre_encap, ip_vs_core.c:ipvs_gre_decap). */
export const gre: TunnelType = {
  length: ({ checksum }) => greLength(checksum === 'csum' ? GRE_FLAG.checksum : 0),

  wrap(packet, tunnel, _addressSum, zeroGreChecksum) {
    const { view, family } = packet;
    const hasChecksum = tunnel.checksum === 'csum';
    packet.start -= this.length(tunnel);
    const { start, end } = packet;
    view.setUint16(start + GRE.flags, hasChecksum ? GRE_FLAG.checksum : 0);
    view.setUint16(start + GRE.protocol, family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6);
    if (hasChecksum) {
      view.setUint32(start + GRE.checksum, 0);
      view.setUint16(start + GRE.checksum, internetChecksum(view, start, end - start) || zeroGreChecksum);
    }
    return PROTOCOL.gre;
  },

  /** No flag but C, version 0, and IPv4 inside. */
  quotedLength(view, start, end) {
    if (end - start < GRE.headerLength) return undefined;
    const flags = view.getUint16(start + GRE.flags);
    const isOurs = (flags & ~GRE_FLAG.checksum) === 0 && view.getUint16(start + GRE.protocol) === ETHER_TYPE.ipv4;
    return isOurs ? greLength(flags) : undefined;
  },
};
