/**
 * The network in which a real server is judged: one LAN, on it the server, the director that forwards to it, and the router by which it
 * reaches the clients.
 *
 * ```
 *  client 10.0.0.2 ── … ── router 192.168.1.254 ─┐
 *                                                 ├─ 192.168.1.0/24 ── server 192.168.1.11
 *                     director 192.168.1.1 ───────┤                    serves 10.0.0.100
 *                     neighbour 192.168.1.77 ─────┘
 * ```
 */
export const SERVER_NETWORK = {
  virtualAddress: '10.0.0.100',
  client: '10.0.0.2',
  server: { mac: '02:00:00:00:00:11', address: '192.168.1.11' },
  director: { mac: '02:00:00:00:00:51', address: '192.168.1.1' },
  router: { mac: '02:00:00:00:00:5f', address: '192.168.1.254' },
  neighbour: { mac: '02:00:00:00:00:77', address: '192.168.1.77' },
  /** Bytes that the LAN carries. */
  mtu: 1500,
} as const;
