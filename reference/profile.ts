import type { LargeNumbers } from './applications/ftp-syntax.ts';
import type { TcpProfile } from './connections/tcp-tables.ts';
import { linuxProfile } from './linux-profile.ts';
import type { Accounting } from './schedulers/overhead.ts';

/**
 * What a director does where papers, RFCs and kernels part. Every difference between the paper and a kernel, and between kernels, is a named
 * entry here, with its source; the code asks for the entry, never for the profile. Which kernel chose what: `linux-profile.ts`.
 */
export interface Choices {
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
   * The MTU of which a client hears in an error from within a tunnel. RFC 2003 §5.1: the router's less all that the tunnel adds; older kernels
   * (`ip_vs_core.c:ip_vs_in_icmp`): less an IP header, also in GUE and GRE.
   */
  readonly tunnelErrorMtu: 'less its headers' | 'less an IP header';
  /**
   * Whether the first bytes behind the header of a quoted later fragment count as ports. RFC 791: they are data; older kernels
   * (`ip_vs_core.c:ip_vs_in_icmp`): yes, for TCP and UDP.
   */
  readonly quotedLaterFragmentHasPorts: boolean;
  /**
   * Which errors about replies are dropped for a wrong checksum: all, or those alone that the director would change
   * (kernel `ip_vs_core.c:ip_vs_in_icmp`).
   */
  readonly damagedErrors: 'dropped' | 'dropped under VS/NAT';
  /**
   * Checksums in IPv6 packets: verified, or as older kernels do: an ICMPv6 error from a client is not looked at; under VS/NAT the director's
   * own errors, and all segments of FTP unless connection tracking verifies none or a network card has before, are taken for damaged and
   * dropped (kernel `ip_vs_core.c:handle_response_icmp`, `ip_vs_proto_tcp.c:tcp_csum_check`).
   */
  readonly ipv6Checksums: 'verified' | 'mistaken';
  /**
   * Where the flags are read by which a TCP connection changes its state: in the TCP header, or always right behind the IPv6 header, where
   * extension headers may stand (kernel `ip_vs_proto_tcp.c:tcp_state_transition`).
   */
  readonly tcpFlagsOfIpv6: 'in the TCP header' | 'behind the IPv6 header';
  /**
   * Whether packets from network 0, class E and the broadcast address of a network are taken for true. RFC 1812 §5.3.7: no; kernel without
   * reverse path filter: yes (`route.c:ip_route_input_slow`, `fib_frontend.c:fib_validate_source`).
   */
  readonly believesReservedSources: boolean;
  /**
   * Whether a client that comes again is led from a server of weight 0 although `conn_reuse_mode` is 0, where `expire_nodest_conn` is on
   * (kernel `ip_vs_core.c:ip_vs_in_hook`).
   */
  readonly quiescentServerIsLeft: 'always' | 'with conn_reuse_mode';
  /** How a server's connections are counted: it decides what lc and wlc choose, and when a server is overloaded. */
  readonly accounting: Accounting;
  /** Buckets of the connection table, as a listing shows them: 4096, or as many as there are connections for (kernel `ip_vs_conn.c`). */
  readonly connectionTable: 'fixed' | 'grows';
  /** What `/proc/net/ip_vs` counts persistence in (HZ): 100 in User Mode Linux, 250 in Debian's kernels for amd64. */
  readonly ticksPerSecond: number;
  /** Whether a template whose server may not be used any more keeps its virtual port; the server's becomes 65535 (kernel `ip_vs_conn.c:ip_vs_check_template`). */
  readonly invalidTemplatesKeepTheirPort: boolean;
  /** Settings below `net.ipv4` that the kernel does not have. */
  readonly missingSettings: readonly string[];
  /**
   * What a checksum of GRE that comes to zero is sent as: as it is, or in its other form, as if it were UDP's
   * (kernel `include/net/gre.h:gre_build_header`, `net/core/dev.c:skb_checksum_help`).
   */
  readonly zeroGreChecksum: 0 | 0xffff;
  /** FTP numbers above 255 and ports above 65535. RFC 959 §4.1.2 knows none; older kernels let them wrap (`ip_vs_ftp.c:ip_vs_ftp_get_addrport`). */
  readonly largeFtpNumbers: LargeNumbers;
  /**
   * A reply to PASV or EPSV that the server sends again. RFC 9293 §3.8.1: the same bytes as the first, so translated alike; kernel
   * (`ip_vs_ftp.c:ip_vs_ftp_out`): one reply for each command, the next is left as it is.
   */
  readonly repeatedFtpReplies: 'translated' | 'as they are';
  /**
   * Connections of one packet, and templates whose client port is to come, that another director tells of: neither can be. Older kernels take
   * them for ordinary ones (`ip_vs_sync.c:ip_vs_sync_validate_flags`).
   */
  readonly oddSynchronisedFlags: 'refused' | 'taken';
  /** Templates in a state that is none, that another director tells of (kernel `ip_vs_sync.c:ip_vs_proc_sync_conn`). */
  readonly oddTemplateStates: 'refused' | 'taken';
}

/** Whose numbers and choices apply. */
export interface Profile extends Choices {
  readonly id: string;
  readonly description: string;
}

/** Whether two profiles differ in name alone. */
export function sameChoices(left: Profile, right: Profile): boolean {
  const nameless = (profile: Profile): string => JSON.stringify({ ...profile, id: '', description: '' });
  return nameless(left) === nameless(right);
}

export const PROFILES: Readonly<Record<'paper' | 'linux', Profile>> = {
  paper: {
    id: 'paper',
    description: 'what the LVS papers promise',
    tcp: 'paper',
    tunnelAndDirectRouteDecrementTtl: false,
    tunnelErrors: 'for the client',
    tunnelErrorMtu: 'less its headers',
    quotedLaterFragmentHasPorts: false,
    damagedErrors: 'dropped',
    ipv6Checksums: 'verified',
    tcpFlagsOfIpv6: 'in the TCP header',
    believesReservedSources: false,
    quiescentServerIsLeft: 'always',
    accounting: 'classic',
    connectionTable: 'fixed',
    invalidTemplatesKeepTheirPort: false,
    missingSettings: [],
    zeroGreChecksum: 0,
    ticksPerSecond: 100,
    largeFtpNumbers: 'refused',
    repeatedFtpReplies: 'translated',
    oddSynchronisedFlags: 'refused',
    oddTemplateStates: 'refused',
  },
  /** The user-mode kernel of Debian 12. */
  linux: linuxProfile('6.1.176'),
};
