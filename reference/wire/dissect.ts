import { parseArp } from './arp.ts';
import { parseEthernet } from './ethernet.ts';
import { findHeaders, type Outermost } from './find-headers.ts';
import { parseGre } from './gre.ts';
import { parseGue } from './gue.ts';
import { toHex } from './hex.ts';
import { parseIcmp } from './icmp.ts';
import { parseIcmp6 } from './icmpv6.ts';
import { parseIp } from './ipv4.ts';
import { parseFragment } from './ipv6-fragment.ts';
import { parseDestinationOptions, parseHopByHop } from './ipv6-options.ts';
import { parseRouting } from './ipv6-routing.ts';
import { parseIp6 } from './ipv6.ts';
import type { DissectedLayer, Layer, LayerKind } from './layer.ts';
import { parseNeighbour } from './neighbour-discovery.ts';
import { parseChunk } from './sctp-chunk.ts';
import { parseSctp } from './sctp.ts';
import { parseTcp } from './tcp.ts';
import { parseUdp } from './udp.ts';

/**
 * The layers of a frame (or of a datagram), outermost first. Never throws, whatever the bytes: a header cut short has
 * the fields that are wholly there, and bytes that no header claims are a `payload`. Bytes after the end of the IP
 * datagram or the ARP packet (Ethernet padding) are in no layer. Datagrams in tunnels of both families and
 * in ICMP errors are dissected like the outer one.
 */
export function dissect(bytes: Uint8Array, outermost: Outermost = 'ethernet'): DissectedLayer[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return findHeaders(view, outermost).map(({ kind, offset, length }) => ({
    layer: PARSE[kind](view, offset, length),
    offset,
    length,
  }));
}

const PARSE: Readonly<Record<LayerKind, (view: DataView, start: number, length: number) => Layer>> = {
  ethernet: parseEthernet,
  arp: parseArp,
  ip: parseIp,
  tcp: parseTcp,
  udp: parseUdp,
  sctp: parseSctp,
  chunk: parseChunk,
  gre: parseGre,
  gue: parseGue,
  icmp: parseIcmp,
  ip6: parseIp6,
  hopByHop: parseHopByHop,
  destinationOptions: parseDestinationOptions,
  routing: parseRouting,
  fragment: parseFragment,
  icmp6: parseIcmp6,
  neighbour: parseNeighbour,
  payload: (view, start, length) => ({
    kind: 'payload',
    data: toHex(new Uint8Array(view.buffer, view.byteOffset + start, length)),
  }),
};
