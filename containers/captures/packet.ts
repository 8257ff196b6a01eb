import { isAddressResolution } from '../../conformance/captures/address-resolution.ts';
import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import { formatIpv4 } from '../../reference/wire/address.ts';
import { findHeaders, type FoundHeader } from '../../reference/wire/find-headers.ts';
import { ICMP, isIcmpError } from '../../reference/wire/icmp.ts';
import { ICMP6, isIcmp6Error } from '../../reference/wire/icmpv6.ts';
import { FRAGMENT, IPV4, PROTOCOL } from '../../reference/wire/ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../../reference/wire/ipv6-fragment.ts';
import { formatIpv6, readIpv6 } from '../../reference/wire/ipv6-address.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { SCTP } from '../../reference/wire/sctp.ts';
import { TCP } from '../../reference/wire/tcp.ts';
import { UDP } from '../../reference/wire/udp.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp' | 'other';

/** A captured frame with an IP datagram in it: who speaks to whom, whatever is wrapped around. */
export interface Packet {
  /** Among the frames of its capture, from 0. */
  readonly index: number;
  readonly frame: CapturedFrame;
  readonly view: DataView;
  readonly headers: readonly FoundHeader[];
  /** The innermost IP header, not of a quote. */
  readonly datagram: FoundHeader;
  /** What follows it, a whole header; undefined in a later fragment, and where it is of no protocol that is known here. */
  readonly transport: Transport | undefined;
  /** The conversation that the packet belongs to. An ICMP error belongs to the one that it quotes, as if the other end had sent it. */
  readonly conversation: Conversation;
  readonly isError: boolean;
}

export interface Conversation {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  /** Ports; of an echo the identifier, in both; 0 where there are none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The IP packets of a capture in its order, but for neighbour discovery. Later fragments have the ports of their first one. */
export function readPackets(capture: Capture): Packet[] {
  const packets = capture.frames.flatMap((frame, index) => readPacket(frame, index) ?? []);
  const ports = new Map<string, Conversation>();
  for (const { conversation, transport, headers, view } of packets) {
    const key = fragmentKey(view, headers);
    if (key !== undefined && transport !== undefined) ports.set(key, conversation);
  }
  if (ports.size === 0) return packets;
  return packets.map((packet) => {
    if (packet.transport !== undefined) return packet;
    const key = fragmentKey(packet.view, packet.headers);
    const conversation = key === undefined ? undefined : ports.get(key);
    return conversation === undefined ? packet : { ...packet, conversation };
  });
}

function readPacket(frame: CapturedFrame, index: number): Packet | undefined {
  const { bytes } = frame;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headers = findHeaders(view, 'ethernet');
  const error = headers.findIndex((header) => isError(view, header));
  const datagram = innermost(error < 0 ? headers : headers.slice(0, error));
  if (datagram === undefined) return undefined;
  const found = transportOf(headers, datagram);
  const transport = found !== undefined && found.length >= WHOLE[found.kind] ? found : undefined;
  if (transport?.kind === 'icmp6' && isAddressResolution(bytes)) return undefined;
  const base = { index, frame, view, headers, datagram, transport, isError: error >= 0 };
  const quote = error < 0 ? undefined : innermost(headers.slice(error));
  if (quote === undefined) return { ...base, conversation: conversationOf(view, datagram, transport) };
  return { ...base, conversation: turned(conversationOf(view, quote, transportOf(headers, quote))) };
}

interface Transport extends FoundHeader {
  readonly kind: keyof typeof WHOLE;
}

/** What the datagram carries. */
function transportOf(headers: readonly FoundHeader[], datagram: FoundHeader): Transport | undefined {
  return headers.find((header): header is Transport => header.offset > datagram.offset && header.kind in WHOLE);
}

/** Bytes of a header of which everything is there; a quote may have less. */
const WHOLE = {
  tcp: TCP.headerLength,
  udp: UDP.headerLength,
  sctp: SCTP.headerLength,
  icmp: ICMP.headerLength,
  icmp6: ICMP6.headerLength,
} as const;

function isError(view: DataView, { kind, offset }: FoundHeader): boolean {
  if (kind === 'icmp') return isIcmpError(view.getUint8(offset));
  return kind === 'icmp6' && isIcmp6Error(view.getUint8(offset));
}

/** The last IP header that is wholly there. */
function innermost(headers: readonly FoundHeader[]): FoundHeader | undefined {
  return headers.findLast(
    ({ kind, length }) =>
      (kind === 'ip' && length >= IPV4.headerLength) || (kind === 'ip6' && length === IPV6.headerLength),
  );
}

function conversationOf(view: DataView, { kind, offset }: FoundHeader, transport: Transport | undefined): Conversation {
  const ends =
    kind === 'ip'
      ? {
          protocol: PROTOCOLS.get(view.getUint8(offset + IPV4.protocol)) ?? 'other',
          source: text4(view.getUint32(offset + IPV4.source)),
          destination: text4(view.getUint32(offset + IPV4.destination)),
        }
      : {
          protocol: PROTOCOLS.get(view.getUint8(offset + IPV6.nextHeader)) ?? 'other',
          source: text6(readIpv6(view, offset + IPV6.source)),
          destination: text6(readIpv6(view, offset + IPV6.destination)),
        };
  if (transport === undefined) return { ...ends, sourcePort: 0, destinationPort: 0 };
  const at = transport.offset;
  // Behind extension headers of IPv6 the header found says what the datagram carries.
  const protocol = KINDS[transport.kind];
  if (protocol === 'icmp') {
    const identifier = transport.length >= 6 ? view.getUint16(at + 4) : 0;
    return { ...ends, protocol, sourcePort: identifier, destinationPort: identifier };
  }
  if (transport.length < 4) return { ...ends, protocol, sourcePort: 0, destinationPort: 0 };
  return { ...ends, protocol, sourcePort: view.getUint16(at), destinationPort: view.getUint16(at + 2) };
}

const PROTOCOLS: ReadonlyMap<number, Protocol> = new Map([
  [PROTOCOL.tcp, 'tcp'],
  [PROTOCOL.udp, 'udp'],
  [PROTOCOL.sctp, 'sctp'],
  [PROTOCOL.icmp, 'icmp'],
  [PROTOCOL.icmpv6, 'icmp'],
]);

const KINDS = { tcp: 'tcp', udp: 'udp', sctp: 'sctp', icmp: 'icmp', icmp6: 'icmp' } as const;

function turned({ protocol, source, destination, sourcePort, destinationPort }: Conversation): Conversation {
  return {
    protocol,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

/** The same for all fragments of the outermost datagram; undefined for a whole one. */
function fragmentKey(view: DataView, headers: readonly FoundHeader[]): string | undefined {
  const [, outer, extension] = headers;
  if (outer?.kind === 'ip') {
    const word = view.getUint16(outer.offset + IPV4.fragment);
    if ((word & (FRAGMENT.mf | FRAGMENT.offsetMask)) === 0) return undefined;
    const [source, destination] = [
      view.getUint32(outer.offset + IPV4.source),
      view.getUint32(outer.offset + IPV4.destination),
    ];
    return `${source} ${destination} ${view.getUint16(outer.offset + IPV4.id)}`;
  }
  if (outer?.kind !== 'ip6' || extension?.kind !== 'fragment') return undefined;
  if (extension.length < FRAGMENT_HEADER.headerLength) return undefined;
  const word = view.getUint16(extension.offset + FRAGMENT_HEADER.fragment);
  if ((word & (FRAGMENT_WORD.mf | FRAGMENT_WORD.offsetMask)) === 0) return undefined;
  const ends = [readIpv6(view, outer.offset + IPV6.source), readIpv6(view, outer.offset + IPV6.destination)];
  return `${ends.join(' ')} ${view.getUint32(extension.offset + FRAGMENT_HEADER.id)}`;
}

/** Few addresses, many frames: each text is made once. */
const texts = new Map<number | bigint, string>();

function text4(address: number): string {
  return cached(address, () => formatIpv4(address));
}

function text6(address: bigint): string {
  return cached(address, () => formatIpv6(address));
}

function cached(address: number | bigint, make: () => string): string {
  const known = texts.get(address);
  if (known !== undefined) return known;
  const made = make();
  texts.set(address, made);
  return made;
}
