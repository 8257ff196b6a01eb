import { ETHER_TYPE } from '../../reference/wire/ethernet.ts';
import { GUE_PORT } from '../../reference/wire/gue.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import type { TemplateLayer } from './expectation.ts';
import type { FlowTunnel } from './flow.ts';
import { gre, gue, udp } from './layers.ts';

/** What stands between the outer IP header and the packet inside, and what the outer one says of it. */
export interface TunnelHeaders {
  readonly protocol: number;
  readonly headers: readonly TemplateLayer[];
  /** Bytes of these headers. */
  readonly length: number;
}

/** @param length bytes of the packet inside */
export function tunnelHeaders(tunnel: FlowTunnel, inner: 'ip' | 'ip6', length: number): TunnelHeaders {
  const protocol = inner === 'ip' ? PROTOCOL.ipip : PROTOCOL.ipv6;
  const type = inner === 'ip' ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  switch (tunnel) {
    case 'ipip':
      return { protocol, headers: [], length: 0 };
    case 'gre':
      return { protocol: PROTOCOL.gre, headers: [gre({ flags: 0, protocol: type })], length: 4 };
    case 'gre with checksum':
      return { protocol: PROTOCOL.gre, headers: [gre({ flags: 0x8000, protocol: type })], length: 8 };
    case 'gue':
    case 'gue with checksum': {
      const none = tunnel === 'gue' ? { checksum: 0 } : {};
      const datagram = udp({ destinationPort: GUE_PORT, length: 12 + length, ...none });
      const header = gue({ version: 0, control: false, headerLength: 4, protocol, flags: 0 });
      return { protocol: PROTOCOL.udp, headers: [datagram, header], length: 12 };
    }
  }
}
