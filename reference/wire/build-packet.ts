import { MalformedInput } from '../errors.ts';
import { ARP, buildArp } from './arp.ts';
import { addressSum } from './checksum.ts';
import { buildEthernet, ETHER_TYPE, ETHERNET } from './ethernet.ts';
import { buildGre, builtGreLength } from './gre.ts';
import { buildGue, gueLength } from './gue.ts';
import { fromHex } from './hex.ts';
import { buildIcmp, ICMP } from './icmp.ts';
import { buildIcmp6, ICMP6 } from './icmpv6.ts';
import { buildIp, ipAddress, ipHeaderLength, PROTOCOL } from './ipv4.ts';
import { buildFragment, FRAGMENT_HEADER } from './ipv6-fragment.ts';
import { buildExtension, extensionLength } from './ipv6-options.ts';
import { buildRouting, routingLength } from './ipv6-routing.ts';
import { buildIp6, ip6Address, IPV6, NEXT_HEADER } from './ipv6.ts';
import type { Layer, LayerKind } from './layer.ts';
import { buildNeighbour, builtNeighbourLength } from './neighbour-discovery.ts';
import { buildChunk, chunkLength } from './sctp-chunk.ts';
import { buildSctp, SCTP } from './sctp.ts';
import { buildTcp, tcpHeaderLength } from './tcp.ts';
import { buildUdp, UDP } from './udp.ts';

/**
 * The bytes of a packet given as layers, outermost first. What a layer leaves out is made right (lengths, checksums,
 * protocol numbers) or has the default its protocol's `build` function names; what it states is written as stated, even
 * if wrong. Any layer may follow any other: `ip, ip, tcp` is IPIP, `ip, icmp, ip, udp` an ICMP error with its quote.
 * Nothing is padded to Ethernet's minimum. The pseudo header has the addresses of the IP header, also where a routing
 * header has segments left (RFC 8200 §8.1 has the last of them): then state the checksum.
 *
 * Throws MalformedInput naming layer and field for a value that its field cannot hold, and for TCP, UDP or ICMPv6
 * outside of IP.
 */
export function buildPacket(layers: readonly Layer[]): Uint8Array {
  const lengths = layers.map(headerLength);
  const bytes = new Uint8Array(lengths.reduce((total, length) => total + length, 0));
  const view = new DataView(bytes.buffer);
  // From the inside out, as a checksum covers what is further in.
  layers.reduceRight((end, layer, index) => {
    const start = end - (lengths[index] ?? 0);
    writeLayer(view, start, layer, layers, index);
    return start;
  }, bytes.length);
  return bytes;
}

function writeLayer(view: DataView, start: number, layer: Layer, layers: readonly Layer[], index: number): void {
  const next = layers[index + 1]?.kind;
  const end = view.byteLength;
  const nextHeader = next === undefined ? NEXT_HEADER.none : (PROTOCOLS[next] ?? PROTOCOL.reserved);
  switch (layer.kind) {
    case 'ethernet':
      buildEthernet(view, start, layer, (next && TYPES[next]) ?? ETHER_TYPE.experimental);
      break;
    case 'arp':
      buildArp(view, start, layer);
      break;
    case 'ip':
      buildIp(view, start, end, layer, (next && PROTOCOLS[next]) ?? PROTOCOL.reserved);
      break;
    case 'tcp':
      buildTcp(view, start, end, layer, pseudoHeaderAddresses(layer.kind, layers.slice(0, index)));
      break;
    case 'udp':
      buildUdp(view, start, end, layer, pseudoHeaderAddresses(layer.kind, layers.slice(0, index)));
      break;
    case 'sctp':
      buildSctp(view, start, end, layer);
      break;
    case 'chunk':
      buildChunk(view, start, layer);
      break;
    case 'gre':
      buildGre(view, start, end, layer, (next && TYPES[next]) ?? ETHER_TYPE.experimental);
      break;
    case 'gue':
      buildGue(view, start, layer, (next && PROTOCOLS[next]) ?? PROTOCOL.reserved);
      break;
    case 'icmp':
      buildIcmp(view, start, end, layer);
      break;
    case 'ip6':
      buildIp6(view, start, end, layer, nextHeader);
      break;
    case 'hopByHop':
    case 'destinationOptions':
      buildExtension(view, start, layer.kind, layer, nextHeader);
      break;
    case 'routing':
      buildRouting(view, start, layer, nextHeader);
      break;
    case 'fragment':
      buildFragment(view, start, layer, nextHeader);
      break;
    case 'icmp6':
      buildIcmp6(view, start, end, layer, pseudoHeaderAddresses(layer.kind, layers.slice(0, index)));
      break;
    case 'neighbour':
      buildNeighbour(view, start, layer);
      break;
    case 'payload':
      new Uint8Array(view.buffer, view.byteOffset + start).set(fromHex(layer.data ?? '', 'payload.data'));
      break;
  }
}

const TYPES: Readonly<Partial<Record<LayerKind, number>>> = {
  ip: ETHER_TYPE.ipv4,
  arp: ETHER_TYPE.arp,
  ip6: ETHER_TYPE.ipv6,
};

const PROTOCOLS: Readonly<Partial<Record<LayerKind, number>>> = {
  icmp: PROTOCOL.icmp,
  ip: PROTOCOL.ipip,
  tcp: PROTOCOL.tcp,
  udp: PROTOCOL.udp,
  sctp: PROTOCOL.sctp,
  gre: PROTOCOL.gre,
  ip6: PROTOCOL.ipv6,
  icmp6: PROTOCOL.icmpv6,
  hopByHop: NEXT_HEADER.hopByHop,
  destinationOptions: NEXT_HEADER.destinationOptions,
  routing: NEXT_HEADER.routing,
  fragment: NEXT_HEADER.fragment,
};

function headerLength(layer: Layer): number {
  switch (layer.kind) {
    case 'ethernet':
      return ETHERNET.headerLength;
    case 'arp':
      return ARP.headerLength;
    case 'ip':
      return ipHeaderLength(layer);
    case 'tcp':
      return tcpHeaderLength(layer);
    case 'udp':
      return UDP.headerLength;
    case 'sctp':
      return SCTP.headerLength;
    case 'chunk':
      return chunkLength(layer);
    case 'gre':
      return builtGreLength(layer);
    case 'gue':
      return gueLength(layer);
    case 'icmp':
      return ICMP.headerLength;
    case 'ip6':
      return IPV6.headerLength;
    case 'hopByHop':
    case 'destinationOptions':
      return extensionLength(layer.kind, layer);
    case 'routing':
      return routingLength(layer);
    case 'fragment':
      return FRAGMENT_HEADER.headerLength;
    case 'icmp6':
      return ICMP6.headerLength;
    case 'neighbour':
      return builtNeighbourLength(layer);
    case 'payload':
      return fromHex(layer.data ?? '', 'payload.data').length;
  }
}

/** Partial sum of the addresses of the innermost IP layer around a layer whose checksum covers them. */
function pseudoHeaderAddresses(kind: LayerKind, around: readonly Layer[]): number {
  const datagram = around.findLast((layer) => layer.kind === 'ip' || layer.kind === 'ip6');
  if (datagram === undefined) {
    throw new MalformedInput(`${kind}: no ip layer around it, whose addresses its checksum needs; put one before it`);
  }
  const [source, destination] =
    datagram.kind === 'ip'
      ? [ipAddress(datagram, 'source'), ipAddress(datagram, 'destination')]
      : [ip6Address(datagram, 'source'), ip6Address(datagram, 'destination')];
  return addressSum(source) + addressSum(destination);
}
