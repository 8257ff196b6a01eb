import { finish, internetChecksum, pseudoHeaderSum, sum } from './checksum.ts';
import { findHeaders, type FoundHeader } from './find-headers.ts';
import { ICMP } from './icmp.ts';
import { FRAGMENT, IPV4, PROTOCOL } from './ipv4.ts';
import type { LayerKind } from './layer.ts';
import { TCP } from './tcp.ts';
import { UDP, udpChecksum } from './udp.ts';

/** A checksum that a receiver would find wrong. */
export interface ChecksumError {
  /** Index among the layers that `dissect` finds in the same bytes. */
  readonly layer: number;
  readonly kind: LayerKind;
  readonly field: 'checksum';
  readonly expected: number;
  readonly observed: number;
}

/**
 * Verifies the checksums of all IP headers that are wholly there, at every depth, and of TCP, UDP and ICMP in whole
 * datagrams. Left unverified: fragments, datagrams cut short, a UDP checksum of 0 ("none"), and TCP, UDP and ICMP
 * within an ICMP error, which address translation leaves stale (kernel ip_vs_core.c:ip_vs_nat_icmp). 0x0000 and 0xffff
 * are the same number in one's complement and both pass (RFC 1071 §1), as with any receiver.
 */
export function checksumErrors(bytes: Uint8Array, outermost: 'ethernet' | 'ip' = 'ethernet'): ChecksumError[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const errors: ChecksumError[] = [];
  let datagram: FoundHeader | undefined;
  let quoted = false;
  let layer = 0;
  for (const header of findHeaders(view, outermost)) {
    if (header.kind === 'ip') datagram = header;
    if (datagram !== undefined && !(quoted && header.kind !== 'ip')) {
      const covered = coveredBytes(view, header, datagram);
      const error = covered && verify(view, header, covered, layer);
      if (error) errors.push(error);
    }
    if (header.kind === 'icmp') quoted = true;
    layer += 1;
  }
  return errors;
}

/** What a checksum covers: the bytes from the header's start to `end`, and `initial`, the sum of a pseudo header. */
interface Covered {
  readonly field: number;
  readonly end: number;
  readonly initial: number;
}

/** Undefined for a header without checksum and for one whose checksum cannot be verified. */
function coveredBytes(view: DataView, header: FoundHeader, datagram: FoundHeader): Covered | undefined {
  const { kind, offset, length } = header;
  if (kind === 'ip') {
    return isWholeIpHeader(view, header) ? { field: IPV4.checksum, end: offset + length, initial: 0 } : undefined;
  }
  if (kind === 'payload' || !isWholeDatagram(view, datagram)) return undefined;
  const { end } = datagram;
  if (kind === 'tcp' && length >= TCP.headerLength) {
    return { field: TCP.checksum, end, initial: pseudoHeader(view, datagram, PROTOCOL.tcp, end - offset) };
  }
  if (kind === 'udp' && length === UDP.headerLength && view.getUint16(offset + UDP.checksum) !== 0) {
    return { field: UDP.checksum, end, initial: pseudoHeader(view, datagram, PROTOCOL.udp, end - offset) };
  }
  if (kind === 'icmp' && length === ICMP.headerLength) return { field: ICMP.checksum, end, initial: 0 };
  return undefined;
}

function verify(view: DataView, header: FoundHeader, covered: Covered, layer: number): ChecksumError | undefined {
  const { kind, offset } = header;
  const { field, end, initial } = covered;
  if (internetChecksum(view, offset, end - offset, initial) === 0) return undefined;
  const before = sum(view, offset, field, initial);
  const computed = finish(sum(view, offset + field + 2, end - offset - field - 2, before));
  const expected = kind === 'udp' ? udpChecksum(computed) : computed;
  return { layer, kind, field: 'checksum', expected, observed: view.getUint16(offset + field) };
}

/**
 * Not so for a header that states less than 20 bytes or whose options are cut short: nobody can say what its checksum
 * covers.
 */
function isWholeIpHeader(view: DataView, { offset, length }: FoundHeader): boolean {
  return length >= IPV4.headerLength && (view.getUint8(offset + IPV4.versionAndLength) & 0x0f) * 4 === length;
}

/** Of fragments only first ones are asked about: the contents of the others are a payload. */
function isWholeDatagram(view: DataView, { offset, end }: FoundHeader): boolean {
  return (
    offset + view.getUint16(offset + IPV4.totalLength) === end &&
    (view.getUint16(offset + IPV4.fragment) & FRAGMENT.mf) === 0
  );
}

function pseudoHeader(view: DataView, datagram: FoundHeader, protocol: number, length: number): number {
  const source = view.getUint32(datagram.offset + IPV4.source);
  const destination = view.getUint32(datagram.offset + IPV4.destination);
  return pseudoHeaderSum(source, destination, protocol, length);
}
