import { finish, internetChecksum, sum } from './checksum.ts';
import { findHeaders, type FoundHeader, type Outermost } from './find-headers.ts';
import { GRE, GRE_FLAG } from './gre.ts';
import { ICMP } from './icmp.ts';
import { ICMP6 } from './icmpv6.ts';
import { FRAGMENT, IPV4, PROTOCOL } from './ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from './ipv6-fragment.ts';
import { ROUTING } from './ipv6-routing.ts';
import { IPV6 } from './ipv6.ts';
import type { LayerKind } from './layer.ts';
import { SCTP, sctpChecksum } from './sctp.ts';
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
 * Verifies the checksums of all IPv4 headers that are wholly there, at every depth, and of TCP, UDP and ICMP in whole
 * datagrams, and those of SCTP and GRE. Left unverified: fragments, datagrams cut short, a UDP checksum of 0 in IPv4 ("none"), IPv6 with segments
 * left in a routing header, and TCP, UDP and ICMP within an ICMP error, which address translation leaves stale (kernel
 * ip_vs_core.c:ip_vs_nat_icmp). 0x0000 and 0xffff are the same number in one's complement and both pass (RFC 1071 §1),
 * as with any receiver.
 */
export function checksumErrors(bytes: Uint8Array, outermost: Outermost = 'ethernet'): ChecksumError[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const errors: ChecksumError[] = [];
  let datagram: Datagram | undefined;
  let quoted = false;
  let layer = 0;
  for (const header of findHeaders(view, outermost)) {
    datagram = datagramOf(view, header, datagram);
    if (datagram !== undefined && !(quoted && header.kind !== 'ip')) {
      const error = errorOf(view, header, datagram, layer);
      if (error) errors.push(error);
    }
    if (header.kind === 'icmp' || header.kind === 'icmp6') quoted = true;
    layer += 1;
  }
  return errors;
}

/** The innermost IP datagram around a header. */
interface Datagram {
  readonly header: FoundHeader;
  /** Whether all of its contents are there, and its addresses those of the pseudo header. */
  readonly isWhole: boolean;
}

/** The datagram that the header begins, or that of before; a fragment or routing header may say that it is not whole. */
function datagramOf(view: DataView, header: FoundHeader, before: Datagram | undefined): Datagram | undefined {
  if (header.kind === 'ip') return { header, isWhole: isWholeDatagram(view, header) };
  if (header.kind === 'ip6') return { header, isWhole: isWholeDatagram6(view, header) };
  const isPart = header.kind === 'fragment' && isFragment(view, header);
  const isUnderway = header.kind === 'routing' && hasSegmentsLeft(view, header);
  return before !== undefined && (isPart || isUnderway) ? { ...before, isWhole: false } : before;
}

/** What a checksum covers: the bytes from the header's start to `end`, and `initial`, the sum of a pseudo header. */
interface Covered {
  readonly field: number;
  readonly end: number;
  readonly initial: number;
}

function errorOf(view: DataView, header: FoundHeader, datagram: Datagram, layer: number): ChecksumError | undefined {
  if (header.kind === 'sctp') return datagram.isWhole ? verifySctp(view, header, layer) : undefined;
  const covered = coveredBytes(view, header, datagram);
  return covered && verify(view, header, covered, layer);
}

/** Undefined for a header without checksum and for one whose checksum cannot be verified. */
function coveredBytes(view: DataView, header: FoundHeader, datagram: Datagram): Covered | undefined {
  const { kind, offset, length } = header;
  if (kind === 'ip') {
    return isWholeIpHeader(view, header) ? { field: IPV4.checksum, end: offset + length, initial: 0 } : undefined;
  }
  if (kind === 'payload' || !datagram.isWhole) return undefined;
  const { end } = datagram.header;
  const transport = (field: number, protocol: number): Covered => ({
    field,
    end,
    initial: addressesSum(view, datagram.header) + protocol + (end - offset),
  });
  if (kind === 'tcp' && length >= TCP.headerLength) return transport(TCP.checksum, PROTOCOL.tcp);
  if (kind === 'udp' && length === UDP.headerLength) {
    // RFC 8200 §8.1: IPv6 knows no "none".
    const isNone = datagram.header.kind === 'ip' && view.getUint16(offset + UDP.checksum) === 0;
    return isNone ? undefined : transport(UDP.checksum, PROTOCOL.udp);
  }
  if (kind === 'icmp6' && length === ICMP6.headerLength) return transport(ICMP6.checksum, PROTOCOL.icmpv6);
  if (kind === 'gre' && (view.getUint16(offset + GRE.flags) & GRE_FLAG.checksum) !== 0) {
    return { field: GRE.checksum, end, initial: 0 };
  }
  if (kind === 'icmp' && length === ICMP.headerLength) return { field: ICMP.checksum, end, initial: 0 };
  return undefined;
}

/** Its checksum is of another kind. */
function verifySctp(view: DataView, { offset, length, end }: FoundHeader, layer: number): ChecksumError | undefined {
  if (length < SCTP.headerLength) return undefined;
  const [expected, observed] = [sctpChecksum(view, offset, end), view.getUint32(offset + SCTP.checksum)];
  return expected === observed ? undefined : { layer, kind: 'sctp', field: 'checksum', expected, observed };
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
function isWholeDatagram(view: DataView, { offset, length, end }: FoundHeader): boolean {
  return (
    length >= IPV4.headerLength &&
    offset + view.getUint16(offset + IPV4.totalLength) === end &&
    (view.getUint16(offset + IPV4.fragment) & FRAGMENT.mf) === 0
  );
}

/** Whether every byte is there that the header counts; not so for a jumbogram, whose length is elsewhere. */
function isWholeDatagram6(view: DataView, { offset, length, end }: FoundHeader): boolean {
  return (
    length === IPV6.headerLength && offset + IPV6.headerLength + view.getUint16(offset + IPV6.payloadLength) === end
  );
}

/** An atomic fragment is none: it is the whole datagram (RFC 6946 §2). */
function isFragment(view: DataView, { offset, length }: FoundHeader): boolean {
  const word = length < FRAGMENT_HEADER.headerLength ? 0 : view.getUint16(offset + FRAGMENT_HEADER.fragment);
  return (word & (FRAGMENT_WORD.offsetMask | FRAGMENT_WORD.mf)) !== 0;
}

function hasSegmentsLeft(view: DataView, { offset, length }: FoundHeader): boolean {
  return length >= ROUTING.data && view.getUint8(offset + ROUTING.segmentsLeft) !== 0;
}

/** Both addresses, which stand side by side in either family. */
function addressesSum(view: DataView, { kind, offset }: FoundHeader): number {
  return kind === 'ip' ? sum(view, offset + IPV4.source, 8) : sum(view, offset + IPV6.source, 32);
}
