import { isUsable, type SchedulableServer } from './scheduler.ts';

/**
 * The usable server with the least load / weight, the first of equals (kernel `ip_vs_wlc.c:ip_vs_wlc_schedule` and its
 * kin). Quotients are compared as products, without division.
 */
export function leastPerWeight<Server extends SchedulableServer>(
  servers: readonly Server[],
  load: (server: Server) => number,
): Server | undefined {
  let least: Server | undefined;
  let leastLoad = 0;
  for (const server of servers) {
    if (!isUsable(server)) continue;
    const serverLoad = load(server);
    if (least === undefined || isGreaterProduct(leastLoad, server.weight, serverLoad, least.weight)) {
      least = server;
      leastLoad = serverLoad;
    }
  }
  return least;
}

/** a · b > c · d, exactly: the kernel multiplies in 64 bits, where doubles are exact to 53. */
export function isGreaterProduct(a: number, b: number, c: number, d: number): boolean {
  const left = a * b;
  const right = c * d;
  if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return left > right;
  return BigInt(a) * BigInt(b) > BigInt(c) * BigInt(d);
}
