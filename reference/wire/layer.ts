import { MalformedInput } from '../errors.ts';
import { toHex } from './hex.ts';

/**
 * A packet as a list of layers, outermost first. One literal serves as template to send, as override and as
 * expectation: a field left out means "the sensible default" when building and "any" when matching.
 *
 * Addresses are text (`10.0.0.2`, `2001:db8::2`, `02:00:00:00:00:01`); numbers are host order; lengths and offsets are bytes.
 */
export interface EthernetFields {
  readonly destination?: string;
  readonly source?: string;
  readonly type?: number;
}

export interface ArpFields {
  /** 1 request, 2 reply. */
  readonly operation?: number;
  readonly senderMac?: string;
  readonly senderAddress?: string;
  readonly targetMac?: string;
  readonly targetAddress?: string;
}

export interface IpFields {
  readonly headerLength?: number;
  readonly tos?: number;
  readonly totalLength?: number;
  readonly id?: number;
  readonly df?: boolean;
  readonly mf?: boolean;
  /** Fragment offset in bytes, a multiple of 8. */
  readonly offset?: number;
  readonly ttl?: number;
  readonly protocol?: number;
  readonly checksum?: number;
  readonly source?: string;
  readonly destination?: string;
  /** Hexadecimal, e.g. `01010101`; padded with zero bytes to a multiple of 4 when built. */
  readonly options?: string;
}

export interface Ip6Fields {
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  /** Bytes after the header of 40. */
  readonly payloadLength?: number;
  readonly nextHeader?: number;
  readonly hopLimit?: number;
  readonly source?: string;
  readonly destination?: string;
}

/** A hop-by-hop or destination options header. */
export interface ExtensionFields {
  readonly nextHeader?: number;
  readonly headerLength?: number;
  /** Hexadecimal; padded with zero bytes to fill the header, a multiple of 8, when built. */
  readonly options?: string;
}

export interface RoutingFields {
  readonly nextHeader?: number;
  readonly headerLength?: number;
  readonly routingType?: number;
  readonly segmentsLeft?: number;
  /** Hexadecimal; padded like options. */
  readonly data?: string;
}

/** The fragment header of IPv6. */
export interface FragmentFields {
  readonly nextHeader?: number;
  /** Fragment offset in bytes, a multiple of 8. */
  readonly offset?: number;
  readonly mf?: boolean;
  readonly id?: number;
}

export interface TcpFields {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly headerLength?: number;
  /** Letters of `CEUAPRSF` in that order for the bits from high to low, e.g. `AS`; `''` is a segment without flags. */
  readonly flags?: string;
  readonly window?: number;
  readonly checksum?: number;
  readonly urgent?: number;
  /** Hexadecimal. */
  readonly options?: string;
}

export interface UdpFields {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly length?: number;
  /** 0 sends without checksum. */
  readonly checksum?: number;
}

export interface SctpFields {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly verificationTag?: number;
  /** CRC32c, the four bytes as they stand in the header. */
  readonly checksum?: number;
}

/** A chunk of SCTP. */
export interface ChunkFields {
  readonly type?: number;
  readonly flags?: number;
  /** Bytes of header and value, without the padding behind it. */
  readonly length?: number;
  /** The value in hexadecimal; padded with zero bytes to a multiple of 4 when built. */
  readonly data?: string;
}

export interface GreFields {
  /** The first 16 bits: 0x8000 says that a checksum follows. */
  readonly flags?: number;
  /** An Ethernet type. */
  readonly protocol?: number;
  readonly checksum?: number;
}

/** Generic UDP encapsulation, in UDP to port 6080. */
export interface GueFields {
  readonly version?: number;
  readonly control?: boolean;
  readonly headerLength?: number;
  /** IP protocol number of what is inside. */
  readonly protocol?: number;
  readonly flags?: number;
  /** Hexadecimal. */
  readonly options?: string;
}

export interface IcmpFields {
  readonly type?: number;
  readonly code?: number;
  readonly checksum?: number;
  /**
   * Bytes 4–7 as one number: identifier and sequence of an echo, zero elsewhere. For 3/4 the low 16 bits are the
   * next-hop MTU.
   */
  readonly rest?: number;
}

export interface Icmp6Fields {
  readonly type?: number;
  readonly code?: number;
  readonly checksum?: number;
  /**
   * Bytes 4–7 as one number: identifier and sequence of an echo, the MTU of packet too big, the flags of a neighbour
   * advertisement.
   */
  readonly rest?: number;
}

/** What follows the ICMPv6 header of a neighbour solicitation or advertisement. */
export interface NeighbourFields {
  readonly target?: string;
  /** 1: `mac` is the sender's, 2: it is the target's. */
  readonly option?: number;
  readonly mac?: string;
}

export interface PayloadFields {
  /** Hexadecimal. */
  readonly data?: string;
}

export type Layer =
  | ({ readonly kind: 'ethernet' } & EthernetFields)
  | ({ readonly kind: 'arp' } & ArpFields)
  | ({ readonly kind: 'ip' } & IpFields)
  | ({ readonly kind: 'tcp' } & TcpFields)
  | ({ readonly kind: 'udp' } & UdpFields)
  | ({ readonly kind: 'sctp' } & SctpFields)
  | ({ readonly kind: 'chunk' } & ChunkFields)
  | ({ readonly kind: 'gre' } & GreFields)
  | ({ readonly kind: 'gue' } & GueFields)
  | ({ readonly kind: 'icmp' } & IcmpFields)
  | ({ readonly kind: 'ip6' } & Ip6Fields)
  | ({ readonly kind: 'hopByHop' } & ExtensionFields)
  | ({ readonly kind: 'destinationOptions' } & ExtensionFields)
  | ({ readonly kind: 'routing' } & RoutingFields)
  | ({ readonly kind: 'fragment' } & FragmentFields)
  | ({ readonly kind: 'icmp6' } & Icmp6Fields)
  | ({ readonly kind: 'neighbour' } & NeighbourFields)
  | ({ readonly kind: 'payload' } & PayloadFields);

export type LayerKind = Layer['kind'];

/** The layer of one kind. */
export type LayerOf<K extends LayerKind> = Extract<Layer, { readonly kind: K }>;

/** A layer found in bytes. A header cut short has only the fields that were wholly there. */
export interface DissectedLayer {
  readonly layer: Layer;
  /** First byte of the header, counted from the start of the dissected bytes. */
  readonly offset: number;
  /** Bytes of the header (of the data, for `payload`). */
  readonly length: number;
}

export const ethernet = (fields: EthernetFields = {}): Layer => ({ kind: 'ethernet', ...fields });
export const arp = (fields: ArpFields = {}): Layer => ({ kind: 'arp', ...fields });
export const ip = (fields: IpFields = {}): Layer => ({ kind: 'ip', ...fields });
export const tcp = (fields: TcpFields = {}): Layer => ({ kind: 'tcp', ...fields });
export const udp = (fields: UdpFields = {}): Layer => ({ kind: 'udp', ...fields });
export const sctp = (fields: SctpFields = {}): Layer => ({ kind: 'sctp', ...fields });
export const chunk = (fields: ChunkFields = {}): Layer => ({ kind: 'chunk', ...fields });
export const gre = (fields: GreFields = {}): Layer => ({ kind: 'gre', ...fields });
export const gue = (fields: GueFields = {}): Layer => ({ kind: 'gue', ...fields });
export const icmp = (fields: IcmpFields = {}): Layer => ({ kind: 'icmp', ...fields });
export const ip6 = (fields: Ip6Fields = {}): Layer => ({ kind: 'ip6', ...fields });
export const hopByHop = (fields: ExtensionFields = {}): Layer => ({ kind: 'hopByHop', ...fields });
export const destinationOptions = (fields: ExtensionFields = {}): Layer => ({ kind: 'destinationOptions', ...fields });
export const routing = (fields: RoutingFields = {}): Layer => ({ kind: 'routing', ...fields });
export const fragment = (fields: FragmentFields = {}): Layer => ({ kind: 'fragment', ...fields });
export const icmp6 = (fields: Icmp6Fields = {}): Layer => ({ kind: 'icmp6', ...fields });
export const neighbour = (fields: NeighbourFields = {}): Layer => ({ kind: 'neighbour', ...fields });
/**
 * Payload from text (each character one byte, so U+0000 to U+00FF) or bytes. Throws MalformedInput for any other
 * character.
 */
export const payload = (data: string | Uint8Array): Layer => ({
  kind: 'payload',
  data: toHex(typeof data === 'string' ? latin1(data) : data),
});

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xff) {
      throw new MalformedInput(`payload: '${character}' is not one byte; give the bytes of its encoding instead`);
    }
    return code;
  });
}
