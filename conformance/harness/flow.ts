import type { Ip6Fields, IpFields, TcpFields, UdpFields } from '../../reference/wire/layer.ts';
import type { Host, Packet } from './lab.ts';

export interface FlowOptions {
  /** Default: `lab.client`. */
  readonly client?: Host;
  /** The client's port. Default 40001. */
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
  /** Default: `lab.vip`. Of IPv6, the flow is one of IPv6. */
  readonly virtualAddress?: string;
  /** Default 80. */
  readonly virtualPort?: number;
  /** The real server's port. Default: the virtual port. Only VS/NAT shows it. */
  readonly realPort?: number;
  /** Default `nat`. */
  readonly method?: 'nat' | 'tunnel' | 'direct-route';
  /** The family of the tunnel to the real server. Default: that of the virtual address. */
  readonly tunnelFamily?: 'ipv4' | 'ipv6';
  /** In what VS/TUN wraps the packets; that of GUE goes to port 6080. Default `ipip`. */
  readonly tunnel?: FlowTunnel;
  /** The real servers that would be right. Default: all four. */
  readonly servers?: readonly Host[];
  /**
   * What is right for the TTL under VS/TUN and VS/DR. The papers keep it (P22, P29), a router takes one (RFC 1812 §5.3.1). Default `either`:
   * that question has cases of its own, with `kept`, and must not show in all others.
   */
  readonly ttl?: 'kept' | 'either';
}

/** A type of tunnel, with or without a checksum of its own. */
export type FlowTunnel = 'ipip' | 'gue' | 'gue with checksum' | 'gre' | 'gre with checksum';

/** Overrides for one segment or datagram. */
export interface FlowPacket {
  readonly payload?: string;
  /** Default: what the conversation so far makes of it. */
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** Further header fields as sent; what must come out follows from them (`ip: { ttl: 9 }` must arrive with 8). A stated checksum is not checked. */
  readonly ip?: IpFields;
  readonly ip6?: Ip6Fields;
  readonly tcp?: TcpFields;
  readonly udp?: UdpFields;
}

/**
 * One conversation through the director. Each step sends a packet and checks that it was forwarded exactly as the forwarding
 * method demands (addresses, ports, TTL less one, MACs, outer header, checksums, payload and everything else unchanged).
 */
export interface Flow {
  /** The chosen server; fails before the first forwarded packet. */
  readonly server: Host;
  /** The client sends a segment with these flags (`S`, `A`, `AF`, `AP`; ignored for UDP); it must reach the chosen server (the first one: one of `servers`). */
  clientSends(flags?: string, packet?: FlowPacket): Promise<Packet>;
  /** The chosen server answers through the director (VS/NAT only); it must reach the client with the virtual service as its source. */
  serverSends(flags?: string, packet?: FlowPacket): Promise<Packet>;
  /** The client sends and no host gets anything. */
  clientSendsInVain(flags?: string, packet?: FlowPacket): Promise<void>;
  /** SYN, SYN+ACK (VS/NAT), ACK. */
  establish(): Promise<void>;
}
