import { describeArp } from './arp.ts';
import { describeEthernet } from './ethernet.ts';
import { describeGre } from './gre.ts';
import { describeGue } from './gue.ts';
import { describeIcmp } from './icmp.ts';
import { describeIcmp6 } from './icmpv6.ts';
import { describeIp } from './ipv4.ts';
import { describeFragment } from './ipv6-fragment.ts';
import { describeExtension } from './ipv6-options.ts';
import { describeRouting } from './ipv6-routing.ts';
import { describeIp6 } from './ipv6.ts';
import type { DissectedLayer, Layer, LayerOf } from './layer.ts';
import { describeNeighbour } from './neighbour-discovery.ts';
import { describeChunk } from './sctp-chunk.ts';
import { describeSctp } from './sctp.ts';
import { describeTcp } from './tcp.ts';
import { describeUdp } from './udp.ts';

/**
 * A packet in one line, in the manner of tcpdump. The Ethernet header only shows where it is all there is.
 *
 * ```
 * 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64
 * ip 192.168.1.1 > 192.168.1.11 ipip ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 63 }
 * icmp 3/3 port unreachable 10.0.0.100 > 10.0.0.2 ttl 64 { quoted 10.0.0.2:40001 > 10.0.0.100:9 udp length 12 ttl 64 }
 * 10.0.0.2:40001 > 10.0.0.100:90 sctp tag 0x00000000 [INIT 16] ttl 64
 * ip 192.168.1.1 > 192.168.1.11 gre ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 63 }
 * arp who-has 10.0.0.100 tell 10.0.0.2
 * [2001:db8::2]:40001 > [2001:db8::100]:80 tcp S seq 1000 win 8192 hlim 64
 * ```
 */
export function describePacket(layers: readonly DissectedLayer[]): string {
  return layers.length === 0 ? 'empty' : describe(layers.map(({ layer }) => layer));
}

function describe(layers: readonly Layer[]): string {
  const [first, ...inner] = layers;
  switch (first?.kind) {
    case undefined:
      return '';
    case 'ethernet':
      return inner.length === 0 || inner[0]?.kind === 'payload'
        ? describeEthernet(first) + describeLength(inner)
        : describe(inner);
    case 'arp':
      return describeArp(first);
    case 'ip':
      return describeDatagram({ ...first, family: 'ip', header: describeIp(first) }, inner);
    case 'ip6':
      return describeChain(first, inner);
    case 'tcp':
      return describeTcp(first) + describeLength(inner);
    case 'udp':
      return describeUdp(first);
    case 'sctp':
      return describeSctp(first) + describeChunks(inner);
    case 'chunk':
      return describeChunk(first);
    case 'gre':
      return describeGre(first);
    case 'gue':
      return describeGue(first);
    case 'icmp':
      return describeIcmp(first) + describeLength(inner);
    case 'icmp6':
      return describeIcmp6(first) + describeLength(inner);
    case 'neighbour':
      return describeNeighbour(first);
    case 'hopByHop':
    case 'destinationOptions':
    case 'routing':
    case 'fragment':
      return describeExtensionHeader(first);
    case 'payload':
      return `payload${describeLength(layers)}`;
  }
}

interface Datagram {
  readonly family: 'ip' | 'ip6';
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly protocol?: number | undefined;
  /** What of the header is worth telling beside the addresses. */
  readonly header: string;
}

type ExtensionHeader = Extract<Layer, { readonly kind: 'hopByHop' | 'destinationOptions' | 'routing' | 'fragment' }>;

/** An IPv6 datagram: extension headers are told with the header, whatever stands behind them as the contents. */
function describeChain(ip6: LayerOf<'ip6'>, inner: readonly Layer[]): string {
  const end = inner.findIndex((layer) => !isExtensionHeader(layer));
  const extensions = (end < 0 ? inner : inner.slice(0, end)).filter(isExtensionHeader);
  const { nextHeader: protocol } = extensions.at(-1) ?? ip6;
  const header = [...extensions.map(describeExtensionHeader), describeIp6(ip6)].join(' ');
  const { source, destination } = ip6;
  return describeDatagram({ family: 'ip6', source, destination, protocol, header }, inner.slice(extensions.length));
}

function isExtensionHeader(layer: Layer): layer is ExtensionHeader {
  return (
    layer.kind === 'hopByHop' ||
    layer.kind === 'destinationOptions' ||
    layer.kind === 'routing' ||
    layer.kind === 'fragment'
  );
}

function describeExtensionHeader(layer: ExtensionHeader): string {
  switch (layer.kind) {
    case 'hopByHop':
    case 'destinationOptions':
      return describeExtension(layer.kind, layer);
    case 'routing':
      return describeRouting(layer);
    case 'fragment':
      return describeFragment(layer);
  }
}

function describeDatagram(datagram: Datagram, inner: readonly Layer[]): string {
  const [contents, ...rest] = inner;
  const { family, source = '?', destination = '?', protocol = '?', header } = datagram;
  switch (contents?.kind) {
    case 'tcp':
    case 'sctp':
    case 'udp': {
      const { sourcePort = '?', destinationPort = '?' } = contents;
      // RFC 3986 §3.2.2: a port stands after the brackets.
      const [from, to] = family === 'ip6' ? [`[${source}]`, `[${destination}]`] : [source, destination];
      const [tunnel, ...tunnelled] = rest;
      const gue = tunnel?.kind === 'gue' ? ` ${describeGue(tunnel)}` : '';
      const within = gue === '' ? '' : describeTunnelled(tunnelled);
      return `${from}:${sourcePort} > ${to}:${destinationPort} ${describe(inner)}${gue} ${header}${within}`;
    }
    case 'icmp':
    case 'icmp6': {
      const about = rest[0]?.kind;
      const isQuote = about === 'ip' || about === 'ip6';
      const told = isQuote
        ? ` { quoted ${describe(rest)} }`
        : about === 'neighbour'
          ? ` ${describe(rest)}`
          : describeLength(rest);
      return `${describe([contents])} ${source} > ${destination} ${header}${told}`;
    }
    case 'gre':
      return `${family} ${source} > ${destination} ${describeGre(contents)} ${header}${describeTunnelled(rest)}`;
    case 'ip':
    case 'ip6':
      return `${family} ${source} > ${destination} ${TUNNEL[contents.kind]} ${header} { ${describe(inner)} }`;
    default:
      return `${family} ${source} > ${destination} protocol ${protocol}${describeLength(inner)} ${header}`;
  }
}

/** A tunnel is named after its protocol number, and that after what is inside. */
const TUNNEL = { ip: 'ipip', ip6: 'ipv6' } as const;

function describeTunnelled(layers: readonly Layer[]): string {
  const [first] = layers;
  return first?.kind === 'ip' || first?.kind === 'ip6' ? ` { ${describe(layers)} }` : describeLength(layers);
}

/** ` [COOKIE_ECHO 8] [DATA 20]` */
function describeChunks(layers: readonly Layer[]): string {
  return layers
    .map((layer) => (layer.kind === 'chunk' ? ` ${describeChunk(layer)}` : describeLength([layer])))
    .join('');
}

/** ` data 5`: the bytes of payload, where there are some. */
function describeLength(layers: readonly Layer[]): string {
  const digits = layers.reduce((total, layer) => total + (layer.kind === 'payload' ? (layer.data ?? '').length : 0), 0);
  return digits === 0 ? '' : ` data ${digits / 2}`;
}
