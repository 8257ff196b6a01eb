import type { HostConfiguration } from '../hosts/host-configuration.ts';
import { SERVER_NETWORK } from './server-network.ts';
import type { ServerSetup } from './server-setup.ts';

/** A server's own addresses. */
export interface ServerPlace {
  readonly mac: string;
  readonly address: string;
}

/** The machine that a set-up describes. */
export function configurationOf(setup: ServerSetup, place: ServerPlace = SERVER_NETWORK.server): HostConfiguration {
  const { virtualAddress, router, director } = SERVER_NETWORK;
  const { virtualAddressOn, redirect, tunnel, gateway, mtu, dropsIcmp, sysctls } = setup;
  const devices: Record<string, readonly string[]> = { lo: ['127.0.0.1'], ...(tunnel ? { tunl0: [] } : {}) };
  const addresses = [`${place.address}/24`];
  if (virtualAddressOn === 'eth0') addresses.push(`${virtualAddress}/32`);
  else if (virtualAddressOn !== null)
    devices[virtualAddressOn] = [...(devices[virtualAddressOn] ?? []), virtualAddress];
  return {
    port: { name: 'eth0', mac: place.mac, addresses, mtu },
    devices,
    gateway: gateway === 'router' ? router.address : director.address,
    redirected: redirect ? [virtualAddress] : [],
    dropsIcmp,
    sysctls,
  };
}
