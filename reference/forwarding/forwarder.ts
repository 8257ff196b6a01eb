import type { Tunnel } from '../administration/command.ts';
import type { Settings } from '../administration/settings.ts';
import { METHOD, METHOD_MASK } from '../connections/connection-record.ts';
import type { ConnectionTable } from '../connections/connection-table.ts';
import type { Profile } from '../profile.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { IPV6_MINIMUM_MTU } from '../wire/ipv6.ts';
import type { Errors } from './errors.ts';
import { decrementTtl } from './ip-header.ts';
import type { IpOutput } from './ip-output.ts';
import { isTranslatable, translate } from './nat.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { Route } from './route.ts';
import { SMALLEST_MTU } from './ipv4-routes.ts';
import type { Routes } from './routes.ts';
import { encapsulate, tunnelOverhead } from './tunnel.ts';

/** A packet was sent on (or dropped, its sender told), or is for the director's own stack. */
export type Forwarded = 'done' | 'local';

const LARGEST_DATAGRAM = 65535;

export interface ForwarderOptions {
  readonly profile: Profile;
  readonly settings: Settings;
  readonly connections: ConnectionTable;
  readonly routes: Routes;
  readonly output: IpOutput;
  readonly errors: Errors;
  readonly nextId: () => number;
  /** The tunnel to a connection's server as it is now; undefined where the server is not known. */
  readonly tunnelOf: (connection: number) => Tunnel | undefined;
}

/** Sends the client's packets to the real server of their connection, by its forwarding method (ip_vs_xmit.c). */
export class Forwarder {
  readonly #options: ForwarderOptions;
  /** The path MTU to each tunnelled server as of the last packet sent there: the kernel's route cache per server. */
  readonly #tunnelMtu = new Map<Address, number>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** `mangle` is the application's part under VS/NAT: it may change the payload, and says no to drop the packet. */
  forward(packet: PacketBuffer, connection: number, mangle?: () => boolean): Forwarded {
    switch (this.#options.connections.flags(connection) & METHOD_MASK) {
      case METHOD.tunnel:
        return this.#tunnel(packet, connection);
      case METHOD['direct-route']:
        return this.#directRoute(packet, connection);
      case METHOD.bypass:
        return this.#bypass(packet);
      default:
        return this.#nat(packet, connection, mangle);
    }
  }

  /** The path MTU to a tunnelled server as far as it is known from sending. */
  tunnelMtu(server: Address): number | undefined {
    return this.#tunnelMtu.get(server);
  }

  /**
   * What every method asks before it sends (ip_vs_xmit.c:__ip_vs_get_out_rt): a route, a TTL that lasts, an MTU that fits.
   * `overhead` is what the method will add, in bytes. Returns nothing when the packet ends here.
   */
  prepare(packet: PacketBuffer, address: Address, overhead: number, decrement = true): Route | undefined {
    const { routes, errors, settings } = this.#options;
    const route = routes.lookup(address, packet.port);
    if (route.kind === 'local') return route;
    if (route.kind === 'unreachable') {
      errors.send(packet, 'hostUnreachable');
      return undefined;
    }
    if (decrement) {
      // RFC 1812 §5.3.1: the packet that would leave with TTL 0 is dropped and its sender told, quoting it as it came.
      if (packet.ttl <= 1) {
        errors.send(packet, 'timeExceeded');
        return undefined;
      }
      decrementTtl(packet);
    }
    const mtu = route.mtu - overhead;
    if (overhead > 0 && !canCarry(packet, address, mtu, overhead)) return undefined;
    const heedsDontFragment = overhead === 0 || settings.get('vs.pmtu_disc') !== 0;
    if (!isTooBig(packet, mtu, heedsDontFragment)) return route;
    // RFC 1191 §4, RFC 4443 §3.2: the router says what would have fitted.
    errors.send(packet, 'tooBig', mtu);
    return undefined;
  }

  /** VS/NAT: the destination becomes the server's address and port (paper P11; ip_vs_nat_xmit). */
  #nat(packet: PacketBuffer, connection: number, mangle: (() => boolean) | undefined): Forwarded {
    const { connections, output } = this.#options;
    const address = connections.destinationAddress(connection);
    const route = this.prepare(packet, address, 0);
    if (route === undefined || !isTranslatable(packet)) return 'done';
    // A packet from outside must not reach the loopback addresses.
    if (route.kind === 'local' && isLoopback(address)) return 'done';
    if (mangle !== undefined && !mangle()) return 'done';
    translate(packet, 'destination', address, connections.destinationPort(connection));
    if (route.kind !== 'unicast') return 'local';
    output.send(packet, route);
    return 'done';
  }

  /** VS/TUN: the packet travels whole inside another to the server (paper P22; ip_vs_tunnel_xmit). */
  #tunnel(packet: PacketBuffer, connection: number): Forwarded {
    const { connections, output, profile, settings, nextId, tunnelOf } = this.#options;
    const server = connections.destinationAddress(connection);
    const tunnel = tunnelOf(connection);
    if (tunnel === undefined) return 'done';
    const route = this.prepare(
      packet,
      server,
      tunnelOverhead(tunnel, server),
      profile.tunnelAndDirectRouteDecrementTtl,
    );
    if (route === undefined) return 'done';
    if (route.kind !== 'unicast') return 'local';
    this.#tunnelMtu.set(server, route.mtu);
    const dontFragment = packet.dontFragment && settings.get('vs.pmtu_disc') !== 0;
    // RFC 6864 §4.1: what is never fragmented needs no identification.
    const id = dontFragment ? 0 : nextId();
    const { zeroGreChecksum } = profile;
    encapsulate(packet, tunnel, { source: route.source, destination: server, dontFragment, id, zeroGreChecksum });
    output.send(packet, route);
    return 'done';
  }

  /** No server: the packet goes on to where it was sent, as if it had only come by (ip_vs_bypass_xmit). Never to the director itself. */
  #bypass(packet: PacketBuffer): Forwarded {
    const route = this.prepare(packet, packet.destination, 0);
    if (route?.kind === 'unicast') this.#options.output.send(packet, route);
    return 'done';
  }

  /** VS/DR: only the frame's destination changes (paper P29; ip_vs_dr_xmit). */
  #directRoute(packet: PacketBuffer, connection: number): Forwarded {
    const { connections, output, profile } = this.#options;
    const server = connections.destinationAddress(connection);
    const route = this.prepare(packet, server, 0, profile.tunnelAndDirectRouteDecrementTtl);
    if (route === undefined) return 'done';
    if (route.kind !== 'unicast') return 'local';
    output.send(packet, route);
    return 'done';
  }
}

/** Whether the packet may go no further, as it does not fit (ip_vs_xmit.c:ensure_mtu_is_adequate). */
function isTooBig(packet: PacketBuffer, mtu: number, heedsDontFragment: boolean): boolean {
  // RFC 8200 §5: no router fragments, but what came in fragments may leave in the same.
  if (packet.family === 6) return (packet.largestFragment === 0 ? packet.length : packet.largestFragment) > mtu;
  return heedsDontFragment && packet.dontFragment && packet.length > mtu && packet.protocol !== PROTOCOL.icmp;
}

/** Whether a tunnel can be led there: not over a link below its family's minimum, and not in a packet longer than its header can say. */
function canCarry(packet: PacketBuffer, server: Address, mtu: number, overhead: number): boolean {
  if (isIpv6(server)) return mtu >= IPV6_MINIMUM_MTU && packet.length <= LARGEST_DATAGRAM;
  return mtu >= SMALLEST_MTU && packet.length + overhead <= LARGEST_DATAGRAM;
}

/** 127.0.0.0/8, `::1` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
function isLoopback(address: Address): boolean {
  return isIpv6(address) ? address === 1n : address >>> 24 === 127;
}
