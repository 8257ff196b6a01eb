import { InternalFault } from '../../reference/errors.ts';

/** A documented departure from what a paper or RFC demands: met by a director, the verdict is `deviates`, not `fail`. */
export interface Deviation {
  readonly title: string;
  /** Why the departing directors do it. */
  readonly reason: string;
  /** Citations or links. */
  readonly source: readonly string[];
}

/** Every departure the suite knows, by the id that matchers and `lab.equal` name. */
export const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  'ttl-decremented': {
    title: 'VS/TUN and VS/DR decrement the TTL of the forwarded packet',
    reason:
      'The paper forwards the packet unchanged; Linux treats the director as a router in every method (RFC 1812 §5.3.1), so that forwarding loops end.',
    source: [
      'paper P22, P29',
      'ip_vs_xmit.c:decrement_ttl',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_xmit.c',
    ],
  },
  'fin-wait-two-minutes': {
    title: 'FIN_WAIT lasts two minutes',
    reason:
      'The paper gives a closing connection one minute; Linux keeps it twice the maximum segment lifetime of one minute.',
    source: [
      'paper P15',
      'ip_vs_proto_tcp.c:tcp_timeouts',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
  'reserved-sources-believed': {
    title: 'Packets from network 0, from class E and from the broadcast address of a network are forwarded',
    reason:
      'RFC 1812 has routers drop what comes from an address that is not unicast. Linux holds network 0 and class E for ordinary addresses, and knows the broadcast addresses of its own networks only with reverse path filtering, which is off by default.',
    source: [
      'RFC 1812 §4.2.2.11, §5.3.7',
      'route.c:ip_route_input_slow',
      'fib_frontend.c:fib_validate_source',
      'https://github.com/torvalds/linux/blob/v6.1/net/ipv4/fib_frontend.c',
    ],
  },
  'time-wait-two-minutes': {
    title: 'TIME_WAIT lasts two minutes',
    reason:
      'The paper gives a closing connection one minute; Linux keeps a closed one for two maximum segment lifetimes.',
    source: [
      'paper P15',
      'RFC 9293 §3.6.1',
      'ip_vs_proto_tcp.c:tcp_timeouts',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
  'no-last-ack': {
    title: "The server's FIN in CLOSE_WAIT leads to TIME_WAIT, not to LAST_ACK",
    reason:
      'The standard machine has LAST-ACK for the side that closes last, and closes with the acknowledgement; Linux keeps both ends of the connection in one record, and waits as the side that closed first does.',
    source: [
      'paper P14',
      'RFC 9293 §3.3.2 figure 5',
      'ip_vs_proto_tcp.c:tcp_states',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
  'reset-in-syn-recv': {
    title: "The client's reset in SYN_RECV changes nothing",
    reason: 'The standard machine returns to LISTEN, which ends the connection; Linux lets the half-open one time out.',
    source: [
      'paper P14',
      'RFC 9293 §3.10.7.4',
      'ip_vs_proto_tcp.c:tcp_states',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
  'fin-in-syn-recv': {
    title: 'A FIN in SYN_RECV leads to TIME_WAIT',
    reason:
      'The standard machine goes to CLOSE-WAIT or FIN-WAIT-1 and waits for the other side; Linux takes the connection for over.',
    source: [
      'paper P14, P26, P33',
      'RFC 9293 §3.3.2 figure 5',
      'ip_vs_proto_tcp.c:tcp_states',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
  'tunnel-errors-as-they-are': {
    title: 'Errors from within a tunnel reach the client with their own type and code',
    reason:
      'RFC 2003 has the tunnel’s errors turned into host unreachable, or kept from the client where they would tell him nothing; Linux sends the same error about the packet inside.',
    source: [
      'RFC 2003 §4',
      'ip_vs_core.c:ip_vs_in_icmp',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'quoted-fragment-has-ports': {
    title: 'The data of a quoted later fragment is taken for ports',
    reason:
      'Only the first fragment has a transport header. Linux 6.1.176, unlike 6.1.192, does not look at the offset of a quoted packet, and relates the error to whichever connection has the data for ports.',
    source: [
      'RFC 791 §2.3',
      'ip_vs_core.c:ip_vs_in_icmp',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'tunnel-mtu-of-before': {
    title: 'The first error about the path MTU of a tunnel names the MTU of before',
    reason:
      'Linux answers from the route that it keeps for the real server, which learns of the new MTU with the next packet sent.',
    source: [
      'RFC 2003 §5.1',
      'ip_vs_core.c:ip_vs_in_icmp',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'tunnel-mtu-less-an-ip-header': {
    title: 'The path MTU of a tunnel of GUE or GRE is told less an IP header alone',
    reason:
      'What the tunnel puts before a packet is more than an IP header; Linux before 6.1.178 takes off that of IPIP in every tunnel, so that the client’s next packet is too large again.',
    source: [
      'RFC 2003 §5.1',
      'ip_vs_core.c:ip_vs_in_icmp',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'ftp-numbers-wrap': {
    title: 'FTP numbers above 255 wrap',
    reason: 'Linux 6.1.176 reads each number into one byte; 6.1.192 refuses larger ones.',
    source: [
      'RFC 959 §4.1.2',
      'ip_vs_ftp.c:ip_vs_ftp_get_addrport',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_ftp.c',
    ],
  },
  'ftp-repeated-reply': {
    title: 'A reply to PASV that is sent again passes with the private address',
    reason:
      'Linux translates one reply for each command, and takes the repetition for another. The client that lost the first one gets an address that he cannot reach, in a segment longer than its place in the stream.',
    source: [
      'paper P18',
      'RFC 9293 §3.8.1',
      'ip_vs_ftp.c:ip_vs_ftp_out',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_ftp.c',
    ],
  },
  'icmpv6-from-servers-dropped': {
    title: 'ICMPv6 errors of servers behind VS/NAT are lost',
    reason:
      'Linux before 6.1.183 and 6.12.103 checks their checksum without the pseudo header of RFC 8200 §8.1, finds it wrong and drops them, unless the network card has checked it.',
    source: [
      'RFC 4443 §2.3',
      'ip_vs_core.c:handle_response_icmp',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'icmpv6-checksum-made-right': {
    title: 'An ICMPv6 error with a wrong checksum reaches the server with a right one',
    reason:
      'Linux before 6.1.183 and 6.12.103 does not look at the checksum of an error for a server behind VS/NAT, and computes a new one over what it has translated.',
    source: [
      'RFC 4443 §2.3',
      'ip_vs_core.c:ip_vs_nat_icmp_v6',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_core.c',
    ],
  },
  'flags-behind-ipv6-header': {
    title: 'TCP flags behind an extension header are not found',
    reason:
      'Linux before 6.1.183 and 6.12.103 takes the TCP header to stand right behind the IPv6 header when it looks for the flags that change the state.',
    source: [
      'paper P14',
      'ip_vs_proto_tcp.c:tcp_state_transition',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
};

/** @throws InternalFault when a case names a deviation that nobody documented. */
export function deviation(id: string): Deviation {
  const found = DEVIATIONS[id];
  if (found === undefined)
    throw new InternalFault(
      `deviation '${id}' is not documented: add it to DEVIATIONS in conformance/harness/deviations.ts`,
    );
  return found;
}
