/**
 * One connection as a record of 84 bytes in one buffer; what most packets need is in the first 64, a cache line. Offsets in bytes; numbers
 * little-endian; addresses and ports host order. Links are handles of other connections, {@link NONE} for nobody. Of an IPv6 address the
 * record holds the fold; the whole stands elsewhere ({@link WIDE}).
 *
 *    0 client address      16 destination port  24 hash: next        48 timeout (ms)
 *    4 virtual address     18 protocol          28 timer: next       52 control (the connection this one hangs on)
 *    8 destination address 19 state             32 timer: previous   56 controlled (how many hang on this one)
 *   12 client port         20 flags             36 timer: slot       60 server (index, {@link NO_SERVER})
 *   14 virtual port        22 family            40 expires (ms)      64 packets from the client
 *                                                                    68 told state
 *                                                                    69 told again (times)
 *                                                                    72 told until (ms)
 *                                                                    80 firewall mark
 *
 * "Told" is what other directors were last told of the connection, see `synchronisation/`.
 */
export const RECORD = {
  clientAddress: 0,
  virtualAddress: 4,
  destinationAddress: 8,
  clientPort: 12,
  virtualPort: 14,
  destinationPort: 16,
  protocol: 18,
  state: 19,
  flags: 20,
  family: 22,
  hashNext: 24,
  timerNext: 28,
  timerPrevious: 32,
  timerSlot: 36,
  expires: 40,
  timeout: 48,
  control: 52,
  controlled: 56,
  server: 60,
  packets: 64,
  toldState: 68,
  toldAgain: 69,
  toldUntil: 72,
  mark: 80,
  size: 84,
} as const;

/** Bits of `RECORD.family`: which addresses are of IPv6. They may differ, as a tunnel can lead through the other family. */
export const FAMILY = { client: 1, destination: 2 } as const;

/**
 * The whole IPv6 addresses of a connection, in a buffer of their own that only IPv6 takes: each at `perFold` times the place that its fold has
 * in the record.
 */
export const WIDE = { perFold: 4, size: 48 } as const;

/** No connection. */
export const NONE = -1;
/** No real server: a connection that another director told of, to a server that is not configured here. */
export const NO_SERVER = 0xffff_ffff;

/** The low three bits of the flags: how packets reach the real server (`IP_VS_CONN_F_FWD_MASK`). */
export const METHOD = { nat: 0, localNode: 1, tunnel: 2, 'direct-route': 3, bypass: 4 } as const;
export const METHOD_MASK = 0x7;

export const FLAG = {
  /** Another director told of it (`IP_VS_CONN_F_SYNC`). */
  synchronised: 0x20,
  /** No reply packet was seen, so the half-connection state table applies. */
  noOutput: 0x80,
  /** Not counted among the server's active connections. */
  inactive: 0x100,
  /** The client's port is not known yet: an expected FTP data connection. */
  noClientPort: 0x800,
  /** No connection, but where those of a client go: a persistence template. */
  template: 0x1000,
  /** For one packet alone: no other finds it. */
  onePacket: 0x2000,
  /** In the hash table. */
  hashed: 0x40,
} as const;
