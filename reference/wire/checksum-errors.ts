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
 * Verifies the checksums of all IP headers that are wholly there, at every depth, and of TCP, UDP and ICMP in whole datagrams.
 * Left unverified: fragments, datagrams cut short, a UDP checksum of 0 ("none"), and TCP, UDP and ICMP within an ICMP
 * error, which translators leave stale (kernel ip_vs_core.c:ip_vs_nat_icmp). 0x0000 and 0xffff are the same number in one's complement and both
 * pass (RFC 1071 §1), as with any receiver.
 */
export function checksumErrors(bytes: Uint8Array, outermost: 'ethernet' | 'ip' = 'ethernet'): ChecksumError[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const errors: ChecksumError[] = [];
  let datagram: FoundHeader | undefined;
  let quoted = false;
  for (const [layer, header] of findHeaders(view, outermost).entries()) {
    if (header.kind === 'ip') {
      datagram = header;
      if (isWholeIpHeader(view, header)) {
        verify(IPV4.checksum, header.offset + header.length, 0);
      }
    } else if (datagram !== undefined && !quoted && isWholeDatagram(view, datagram)) {
      if (header.kind === 'tcp' && header.length >= TCP.headerLength) {
        verify(TCP.checksum, datagram.end, pseudoHeader(view, datagram, PROTOCOL.tcp, header.offset));
      } else if (header.kind === 'udp' && header.length >= UDP.headerLength) {
        if (view.getUint16(header.offset + UDP.checksum) !== 0) {
          verify(UDP.checksum, datagram.end, pseudoHeader(view, datagram, PROTOCOL.udp, header.offset));
        }
      } else if (header.kind === 'icmp' && header.length >= ICMP.headerLength) {
        verify(ICMP.checksum, datagram.end, 0);
      }
    }
    if (header.kind === 'icmp') quoted = true;

    function verify(field: number, end: number, initial: number): void {
      const { kind, offset } = header;
      if (internetChecksum(view, offset, end - offset, initial) === 0) return;
      const before = sum(view, offset, field, initial);
      const computed = finish(sum(view, offset + field + 2, end - offset - field - 2, before));
      const expected = kind === 'udp' ? udpChecksum(computed) : computed;
      errors.push({ layer, kind, field: 'checksum', expected, observed: view.getUint16(offset + field) });
    }
  }
  return errors;
}

/** Not so for a header with a length below 20 or with options cut short: nobody can say what its checksum covers. */
function isWholeIpHeader(view: DataView, { offset, length }: FoundHeader): boolean {
  return length >= IPV4.headerLength && (view.getUint8(offset + IPV4.versionAndLength) & 0x0f) * 4 === length;
}

function isWholeDatagram(view: DataView, header: FoundHeader): boolean {
  return (
    isWholeIpHeader(view, header) &&
    header.offset + view.getUint16(header.offset + IPV4.totalLength) === header.end &&
    (view.getUint16(header.offset + IPV4.fragment) & (FRAGMENT.mf | FRAGMENT.offsetMask)) === 0
  );
}

function pseudoHeader(view: DataView, datagram: FoundHeader, protocol: number, start: number): number {
  const source = view.getUint32(datagram.offset + IPV4.source);
  const destination = view.getUint32(datagram.offset + IPV4.destination);
  return pseudoHeaderSum(source, destination, protocol, datagram.end - start);
}
