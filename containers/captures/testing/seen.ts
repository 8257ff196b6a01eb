import type { Capture, CapturedFrame } from '../../../conformance/captures/capture.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { buildPacket } from '../../../reference/wire/packet.ts';
import { macOf } from '../../topologies/mac-of.ts';
import type { InterfaceDeclaration, Topology } from '../../topologies/topology.ts';

/** A frame at an interface of a topology, e.g. `['director/eth0', 'in', [ethernet(), ip(), …]]`, in the order of time. */
export type Sighting = readonly [place: string, direction: 'in' | 'out', layers: readonly Layer[]];

/** The merged capture of these, a microsecond apart. */
export function seenIn(topology: Topology, sightings: readonly Sighting[]): Capture {
  const names = topology.machines.flatMap(({ name, interfaces }) => interfaces.map((each) => `${name}/${each.name}`));
  const frames = sightings.map(([place, direction, layers], index): CapturedFrame => {
    const bytes = buildPacket(layers);
    return {
      timeNs: 1_000_000_000n + BigInt(index) * 1000n,
      interface: names.indexOf(place),
      direction,
      bytes,
      originalLength: bytes.length,
    };
  });
  return { interfaces: names.map((name) => ({ name, snaplen: 0 })), frames };
}

/** The declaration of `client1/eth0`. */
export function interfaceAt(topology: Topology, place: string): InterfaceDeclaration {
  const [machine, name] = place.split('/');
  const found = topology.machines
    .find((declaration) => declaration.name === machine)
    ?.interfaces.find((declaration) => declaration.name === name);
  if (found === undefined) throw new RangeError(`${topology.id} has no ${place}`);
  return found;
}

/** The MAC address of `client1/eth0`. */
export function macAt(topology: Topology, place: string): string {
  return macOf(interfaceAt(topology, place));
}
