import { MalformedInput } from '../errors.ts';
import { toHex } from './hex.ts';

/**
 * A packet as a list of layers, outermost first. One literal serves as template to send, as override and as
 * expectation: a field left out means "the sensible default" when building and "any" when matching.
 *
 * Addresses are text (`10.0.0.2`, `02:00:00:00:00:01`); numbers are host order; lengths and offsets are bytes.
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
  | ({ readonly kind: 'icmp' } & IcmpFields)
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
export const icmp = (fields: IcmpFields = {}): Layer => ({ kind: 'icmp', ...fields });
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
