import type { FlowTunnel } from '../../harness/flow.ts';

/** A tunnel that is not plain IPIP: as cases name it, ask for it and expect it. */
export interface Encapsulation {
  readonly name: string;
  readonly title: string;
  /** Of the real server. */
  readonly options: string;
  readonly tunnel: FlowTunnel;
  /** Bytes that it puts before a packet, the outer IP header among them. */
  readonly overhead: number;
  readonly source: readonly string[];
}

const GUE = ['draft-ietf-intarea-gue-09 §3.1, §5', 'ip_vs_xmit.c:ipvs_gue_encap'];
const GRE = ['RFC 2784 §2', 'ip_vs_xmit.c:ipvs_gre_encap'];

/** Remote checksum offload has nothing to offload where packets come with their checksums: then it is as `--tun-csum`. */
export const ENCAPSULATIONS: readonly Encapsulation[] = [
  {
    name: 'gue',
    title: 'GUE',
    options: '--tun-type gue --tun-port 6080',
    tunnel: 'gue',
    overhead: 32,
    source: [...GUE, 'ipvs-cases A17'],
  },
  {
    name: 'gue-checksum',
    title: 'GUE with checksum',
    options: '--tun-type gue --tun-port 6080 --tun-csum',
    tunnel: 'gue with checksum',
    overhead: 32,
    source: [...GUE, 'ipvs-cases A18'],
  },
  {
    name: 'gue-remote-checksum',
    title: 'GUE with remote checksum',
    options: '--tun-type gue --tun-port 6080 --tun-remcsum',
    tunnel: 'gue with checksum',
    overhead: 32,
    source: [...GUE, 'ipvs-cases A19'],
  },
  {
    name: 'gre',
    title: 'GRE',
    options: '--tun-type gre',
    tunnel: 'gre',
    overhead: 24,
    source: [...GRE, 'ipvs-cases A21'],
  },
  {
    name: 'gre-checksum',
    title: 'GRE with checksum',
    options: '--tun-type gre --tun-csum',
    tunnel: 'gre with checksum',
    overhead: 28,
    source: [...GRE, 'ipvs-cases A22'],
  },
];

/** A service whose real servers, by the last byte of their addresses, are at the ends of such tunnels. */
export function rulesOfTunnel(
  options: string,
  servers: readonly number[] = [11],
  service = '-t 10.0.0.100:80',
): string {
  return [
    `-A ${service} -s rr`,
    ...servers.map((server) => `-a ${service} -r 192.168.1.${server}:80 -i -w 1 ${options}`),
  ].join('\n');
}
