import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import type { DissectedLayer, LayerKind, LayerOf } from '../../reference/wire/layer.ts';
import { dissect } from '../../reference/wire/packet.ts';
import type { CapturedFrame } from './capture.ts';

/** A dissected layer of one kind. */
export type Dissected<K extends LayerKind> = DissectedLayer & { readonly layer: LayerOf<K> };

/** Source ports that a tunnel may take: `net.ipv4.ip_local_port_range` (RFC 6335 §6 would have it begin at 49152). */
const LOWEST_PORT = 32768;
const HIGHEST_PORT = 60999;

/** The tunnel packets of GUE in a capture: what those of one flow, or the fragments of one packet, have in common. */
export class GueTraffic {
  readonly #frames: readonly CapturedFrame[];
  #ports: Map<string, number> | undefined;
  readonly #fragmented = new Set<string>();

  constructor(frames: readonly CapturedFrame[]) {
    this.#frames = frames;
  }

  /** The UDP headers of tunnels whose source port is in range, and that of the first packet of their flow. */
  withFlowsPort(layers: readonly DissectedLayer[]): readonly Dissected<'udp'>[] {
    return gueHeaders(layers).filter(({ layer, flow }) => {
      const { sourcePort = 0 } = layer;
      return sourcePort >= LOWEST_PORT && sourcePort <= HIGHEST_PORT && this.#firstPorts().get(flow) === sourcePort;
    });
  }

  /** Whether an IP header is that of a tunnel packet, of its first fragment or of a later one. */
  isTunnel(header: Dissected<'ip'>, layers: readonly DissectedLayer[]): boolean {
    if (header.layer.protocol !== PROTOCOL.udp) return false;
    const [udp, gue] = layers.slice(layers.indexOf(header) + 1);
    if (udp?.layer.kind === 'udp') return gue?.layer.kind === 'gue';
    this.#firstPorts();
    return this.#fragmented.has(datagramOf(header.layer));
  }

  /** By flow. Read from all frames when the first is asked about: few captures have such tunnels, and fewer differ. */
  #firstPorts(): ReadonlyMap<string, number> {
    if (this.#ports !== undefined) return this.#ports;
    const ports = new Map<string, number>();
    this.#ports = ports;
    for (const { bytes } of this.#frames) {
      const layers = dissect(bytes);
      for (const { layer, flow, outer } of gueHeaders(layers)) {
        if (!ports.has(flow)) ports.set(flow, layer.sourcePort ?? 0);
        if (outer?.mf === true) this.#fragmented.add(datagramOf(outer));
      }
    }
    return ports;
  }
}

type GueHeader = Dissected<'udp'> & { readonly flow: string; readonly outer: LayerOf<'ip'> | undefined };

function gueHeaders(layers: readonly DissectedLayer[]): readonly GueHeader[] {
  return layers.flatMap((dissected, index) => {
    const { layer } = dissected;
    if (layer.kind !== 'udp' || layers[index + 1]?.layer.kind !== 'gue') return [];
    const outer = layers[index - 1]?.layer;
    const flow = flowOf(layers.slice(index + 2).map((inner) => inner.layer));
    return [{ ...dissected, layer, flow, outer: outer?.kind === 'ip' ? outer : undefined }];
  });
}

/** What a router could tell a flow by (RFC 6438 §3): addresses, protocol and ports of the packet inside. */
function flowOf([header, transport]: readonly DissectedLayer['layer'][]): string {
  const ports =
    transport?.kind === 'tcp' || transport?.kind === 'udp' || transport?.kind === 'sctp'
      ? [transport.sourcePort, transport.destinationPort]
      : [];
  switch (header?.kind) {
    case 'ip':
      return [header.source, header.destination, header.protocol, ...ports].join();
    case 'ip6':
      return [header.source, header.destination, header.nextHeader, ...ports].join();
    default:
      return '';
  }
}

function datagramOf({ source, destination, id, protocol }: LayerOf<'ip'>): string {
  return [source, destination, id, protocol].join();
}
