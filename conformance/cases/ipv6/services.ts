import { ipv6Environment } from '../../harness/default-environment.ts';
import type { FlowOptions } from '../../harness/flow.ts';

/** What all cases of this folder share. */
export const common = { level: 'core', tags: ['ipv6'], needs: [], environment: ipv6Environment } as const;

/** What clients speak to, as the ipvsadm language writes it. */
export const VIP = '[2001:db8:0:1::100]';
/** The first real server's address. */
export const SERVER = '[2001:db8:0:2::11]';

/** A forwarding method. */
export interface Variant {
  readonly method: NonNullable<FlowOptions['method']>;
  readonly name: string;
  readonly option: '-m' | '-i' | '-g';
  /** Ports of the server: only VS/NAT changes them. */
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly claim: string;
}

export const NAT: Variant = {
  method: 'nat',
  name: 'VS/NAT',
  option: '-m',
  tcpPort: 8080,
  udpPort: 5353,
  claim: 'paper P11, P13',
};

export const VARIANTS: readonly [Variant, Variant, Variant] = [
  NAT,
  { method: 'tunnel', name: 'VS/TUN', option: '-i', tcpPort: 80, udpPort: 53, claim: 'paper P22' },
  { method: 'direct-route', name: 'VS/DR', option: '-g', tcpPort: 80, udpPort: 53, claim: 'paper P29' },
];

/** A TCP service on port 80 with one server. */
export const tcpRules = ({ option, tcpPort }: Variant) => `
  -A -t ${VIP}:80 -s rr
  -a -t ${VIP}:80 -r ${SERVER}:${tcpPort} ${option} -w 1
`;

/** A UDP service on port 53 with one server. */
export const udpRules = ({ option, udpPort }: Variant) => `
  -A -u ${VIP}:53 -s rr
  -a -u ${VIP}:53 -r ${SERVER}:${udpPort} ${option} -w 1
`;
