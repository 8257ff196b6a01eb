import type { Address } from '../wire/ip-address.ts';
import type { ServerSettings } from './command.ts';
import type { RealServer } from './real-server.ts';

/**
 * Real servers by what their packets show: those of VS/NAT by address and port, the ends of tunnels by address and the port of the tunnel.
 * Those of VS/DR show nothing. Of several the one that came last is found first (kernel `ip_vs_ctl.c:ip_vs_rs_hash`).
 */
export class RealServerIndex {
  readonly #servers = new Map<string, RealServer[]>();

  add(server: RealServer): void {
    const port = portShown(server);
    if (port === undefined) return;
    const key = keyOf(server.address, port);
    this.#servers.set(key, [server, ...(this.#servers.get(key) ?? [])]);
  }

  /** To be called before the server's settings change. */
  remove(server: RealServer): void {
    const port = portShown(server);
    if (port === undefined) return;
    const key = keyOf(server.address, port);
    const others = (this.#servers.get(key) ?? []).filter((other) => other !== server);
    if (others.length === 0) this.#servers.delete(key);
    else this.#servers.set(key, others);
  }

  /** All at an address and port, or at the end of a tunnel: port 0 unless it is of GUE. */
  at(address: Address, port: number): readonly RealServer[] {
    return this.#servers.get(keyOf(address, port)) ?? [];
  }

  /** The server under VS/NAT whose packet comes from there (kernel `ip_vs_ctl.c:ip_vs_find_real_service`). */
  speaker(protocol: number, address: Address, port: number): RealServer | undefined {
    return this.at(address, port).find(
      (server) =>
        server.method === 'nat' &&
        server.port === port &&
        (server.service.fwmark > 0 || server.service.protocol === protocol),
    );
  }

  /** The server at the end of a tunnel (kernel `ip_vs_ctl.c:ip_vs_find_tunnel`). */
  tunnelEnd(address: Address, port: number): RealServer | undefined {
    return this.at(address, port).find((server) => server.method === 'tunnel' && server.tunnel.port === port);
  }
}

type Shown = Pick<ServerSettings, 'method' | 'tunnel'>;

/** Whether the index, or the kernel, takes a server that is edited for another one. */
export function movesInIndex(before: Shown, after: Shown): boolean {
  return (
    before.method !== after.method ||
    before.tunnel.type !== after.tunnel.type ||
    before.tunnel.port !== after.tunnel.port
  );
}

function portShown({ method, tunnel, port }: Shown & { readonly port: number }): number | undefined {
  switch (method) {
    case 'nat':
      return port;
    case 'tunnel':
      return tunnel.type === 'gue' ? tunnel.port : 0;
    case 'direct-route':
      return undefined;
  }
}

/** The family shows in the number's type. */
function keyOf(address: Address, port: number): string {
  return `${typeof address} ${address} ${port}`;
}
