import type { LargeNumbers } from './applications/ftp-syntax.ts';
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
  /**
   * Whether the first bytes behind the header of a quoted later fragment count as ports. RFC 791: they are data; kernel 6.1.176, unlike 6.1.192
   * (`ip_vs_core.c:ip_vs_in_icmp`): yes, for TCP and UDP.
   */
  readonly quotedLaterFragmentHasPorts: boolean;
  /**
   * Whether packets from network 0, class E and the broadcast address of a network are taken for true. RFC 1812 §5.3.7: no; kernel without
   * reverse path filter: yes (`route.c:ip_route_input_slow`, `fib_frontend.c:fib_validate_source`).
   */
  readonly believesReservedSources: boolean;
  /** How a server's connections are counted: it decides what lc and wlc choose, and when a server is overloaded. */
  readonly accounting: Accounting;
  /** FTP numbers above 255 and ports above 65535. RFC 959 §4.1.2 knows none; kernels before 6.1.187 let them wrap (`ip_vs_ftp.c:ip_vs_ftp_get_addrport`). */
  readonly largeFtpNumbers: LargeNumbers;
  /**
   * A reply to PASV or EPSV that the server sends again. RFC 9293 §3.8.1: the same bytes as the first, so translated alike; kernel
   * (`ip_vs_ftp.c:ip_vs_ftp_out`): one reply for each command, the next is left as it is.
   */
  readonly repeatedFtpReplies: 'translated' | 'as they are';
}

export const PROFILES: Readonly<Record<Profile['id'], Profile>> = {
  paper: {
    id: 'paper',
    description: 'what the LVS papers promise',
    tcp: 'paper',
    tunnelAndDirectRouteDecrementTtl: false,
    tunnelErrors: 'for the client',
    quotedLaterFragmentHasPorts: false,
    believesReservedSources: false,
    accounting: 'classic',
    largeFtpNumbers: 'refused',
    repeatedFtpReplies: 'translated',
  },
  linux: {
    id: 'linux',
    description: 'what kernel IPVS does (Linux 6.1 before 6.1.183)',
    tcp: 'linux',
    tunnelAndDirectRouteDecrementTtl: true,
    tunnelErrors: 'as they are',
    quotedLaterFragmentHasPorts: true,
    believesReservedSources: true,
    accounting: 'classic',
    largeFtpNumbers: 'wrapped',
    repeatedFtpReplies: 'as they are',
  },
};
