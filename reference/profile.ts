import type { TcpProfile } from './connections/tcp-tables.ts';
import type { Accounting } from './schedulers/overhead.ts';

/**
 * Whose numbers and choices apply. Every difference between the paper and a kernel, and between kernels, is a named entry
 * here, with its source; the code asks for the entry, never for the profile.
 */
export interface Profile {
  readonly id: 'paper' | 'linux';
  readonly description: string;
  /** State tables and timeouts. */
  readonly tcp: TcpProfile;
  /** Whether VS/TUN and VS/DR take one from the packet's TTL. Paper P22, P29: no; kernel since 4.10: yes (`ip_vs_xmit.c:decrement_ttl`). */
  readonly tunnelAndDirectRouteDecrementTtl: boolean;
  /**
   * What the client hears of an error within a tunnel: what RFC 2003 §4 makes of it for somebody who knows of no tunnel, or the error
   * as it is (kernel `ip_vs_core.c:ip_vs_in_icmp`).
   */
  readonly tunnelErrors: 'for the client' | 'as they are';
  /** How a server's connections are counted: it decides what lc and wlc choose, and when a server is overloaded. */
  readonly accounting: Accounting;
}

export const PROFILES: Readonly<Record<Profile['id'], Profile>> = {
  paper: {
    id: 'paper',
    description: 'what the LVS papers promise',
    tcp: 'paper',
    tunnelAndDirectRouteDecrementTtl: false,
    tunnelErrors: 'for the client',
    accounting: 'classic',
  },
  linux: {
    id: 'linux',
    description: 'what kernel IPVS does (Linux 6.1 before 6.1.183)',
    tcp: 'linux',
    tunnelAndDirectRouteDecrementTtl: true,
    tunnelErrors: 'as they are',
    accounting: 'classic',
  },
};
