import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { Ipv4Routes } from './ipv4-routes.ts';
import { Ipv6Routes } from './ipv6-routes.ts';
import type { Route } from './route.ts';

/** The routing tables of both families. */
export class Routes {
  readonly ipv4: Ipv4Routes;
  readonly ipv6: Ipv6Routes;

  /** @throws MalformedInput for an address, prefix or MTU that is none, and for a gateway that is on no port's network */
  constructor(environment: Environment, clock: Clock) {
    this.ipv4 = new Ipv4Routes(environment, clock);
    this.ipv6 = new Ipv6Routes(environment);
  }

  /** Addresses that are the director's on no port. */
  setVirtualAddresses(addresses: readonly string[]): void {
    this.ipv4.setVirtualAddresses(addresses);
    this.ipv6.setVirtualAddresses(addresses);
  }

  /** One of the director's own addresses, the virtual and the loopback ones included. */
  isLocal(address: Address): boolean {
    return isIpv6(address) ? this.ipv6.isLocal(address) : this.ipv4.isLocal(address);
  }

  /** Everybody on a wire. IPv6 has no such addresses. */
  isBroadcast(address: Address): boolean {
    return !isIpv6(address) && this.ipv4.isBroadcast(address);
  }

  /** `port` is the wire that a link-local destination is on. */
  lookup(address: Address, port = -1): Route {
    return isIpv6(address) ? this.ipv6.lookup(address, port) : this.ipv4.lookup(address);
  }

  /** A router on the path to `address` said that no larger packet fits. Of IPv6 Linux heeds that for its sockets only. */
  learnPathMtu(address: Address, reported: number): void {
    if (!isIpv6(address)) this.ipv4.learnPathMtu(address, reported);
  }
}
