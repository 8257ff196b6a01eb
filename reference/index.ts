/**
 * The reference director as a library: `import { Director } from 'lvs-conformance/reference'`. Addresses are texts, times milliseconds,
 * sizes bytes. A frame is a `Uint8Array` from the destination MAC address to the end of the payload; `buildPacket` and `dissect` make
 * one of layers, and layers of one.
 */
export type { Command } from './administration/command.ts';
export { CommandRefused } from './administration/command-refused.ts';
export type { ConnectionRow } from './administration/listing.ts';
export { Director, type DirectorOptions } from './director.ts';
export type { Environment, PortConfiguration, RouteConfiguration } from './environment.ts';
export { InternalFault, MalformedInput, UnsupportedFeature } from './errors.ts';
export { linuxProfile } from './linux-profile.ts';
export { PROFILES, type Profile } from './profile.ts';
export {
  arp,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  routing,
  tcp,
  udp,
  type DissectedLayer,
  type Layer,
} from './wire/layer.ts';
export { buildPacket, describePacket, dissect } from './wire/packet.ts';
