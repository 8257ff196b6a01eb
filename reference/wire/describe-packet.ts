import { describeArp } from './arp.ts';
import { describeEthernet } from './ethernet.ts';
import { describeIcmp } from './icmp.ts';
import { describeIp } from './ipv4.ts';
import type { DissectedLayer, IpFields, Layer } from './layer.ts';
import { describeTcp } from './tcp.ts';
import { describeUdp } from './udp.ts';

/**
 * A packet in one line, in the manner of tcpdump. The Ethernet header only shows where it is all there is.
 *
 * ```
 * 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64
 * ip 192.168.1.1 > 192.168.1.11 ipip ttl 63 { 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 63 }
 * icmp 3/3 port unreachable 10.0.0.100 > 10.0.0.2 ttl 64 { quoted 10.0.0.2:40001 > 10.0.0.100:9 udp length 12 ttl 64 }
 * arp who-has 10.0.0.100 tell 10.0.0.2
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
      return describeDatagram(first, inner);
    case 'tcp':
      return describeTcp(first) + describeLength(inner);
    case 'udp':
      return describeUdp(first);
    case 'icmp':
      return describeIcmp(first) + describeLength(inner);
    case 'payload':
      return `payload${describeLength(layers)}`;
  }
}

function describeDatagram(ip: IpFields, inner: readonly Layer[]): string {
  const [contents, ...rest] = inner;
  const { source = '?', destination = '?' } = ip;
  switch (contents?.kind) {
    case 'tcp':
    case 'udp': {
      const { sourcePort = '?', destinationPort = '?' } = contents;
      return `${source}:${sourcePort} > ${destination}:${destinationPort} ${describe(inner)} ${describeIp(ip)}`;
    }
    case 'icmp': {
      const quote = rest[0]?.kind === 'ip' ? ` { quoted ${describe(rest)} }` : describeLength(rest);
      return `${describeIcmp(contents)} ${source} > ${destination} ${describeIp(ip)}${quote}`;
    }
    case 'ip':
      return `ip ${source} > ${destination} ipip ${describeIp(ip)} { ${describe(inner)} }`;
    default:
      return `ip ${source} > ${destination} protocol ${ip.protocol ?? '?'}${describeLength(inner)} ${describeIp(ip)}`;
  }
}

/** ` data 5`: the bytes of payload, where there are some. */
function describeLength(layers: readonly Layer[]): string {
  const digits = layers.reduce((total, layer) => total + (layer.kind === 'payload' ? (layer.data ?? '').length : 0), 0);
  return digits === 0 ? '' : ` data ${digits / 2}`;
}
