import { PROTOCOL } from '../../../reference/wire/ipv4.ts';
import type { TemplateLayer } from '../../harness/expectation.ts';
import type { FlowOptions } from '../../harness/flow.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { ip, payload, udp } from '../../harness/layers.ts';
import { type Fragment, fragmentsOf } from './fragments-of.ts';
import { receivesInFragments } from './receives-in-fragments.ts';

/** A UDP service in one of the three methods. */
export interface Variant {
  readonly method: NonNullable<FlowOptions['method']>;
  readonly name: string;
  readonly option: '-m' | '-i' | '-g';
  /** Port of the server: only VS/NAT changes it. */
  readonly realPort: number;
  readonly claim: string;
}

export const NAT: Variant = { method: 'nat', name: 'VS/NAT', option: '-m', realPort: 5353, claim: 'paper P11' };

export const VARIANTS: readonly Variant[] = [
  NAT,
  { method: 'tunnel', name: 'VS/TUN', option: '-i', realPort: 53, claim: 'paper P22' },
  { method: 'direct-route', name: 'VS/DR', option: '-g', realPort: 53, claim: 'paper P29' },
];

export const rulesOf = ({ option, realPort }: Variant) => `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:${realPort} ${option} -w 1
`;

/** A request in fragments whose first holds 800 bytes and the last the rest. */
export function requestOf(
  client: Host,
  vip: string,
  text: string,
  fields: { readonly id?: number; readonly df?: boolean } = {},
): readonly [Fragment, Fragment] {
  return fragmentsOf(
    { kind: 'ip', source: client.address, destination: vip, df: false, ...fields, protocol: PROTOCOL.udp },
    [udp({ sourcePort: 5000, destinationPort: 53 }), payload(text)],
    [800],
  );
}

/** All that the server got is this request, translated, wrapped or as it was, in however many pieces. */
export function serverGets(lab: Lab, variant: Variant, client: Host, text: string, id = 0x1234): void {
  const {
    director,
    servers: [server],
    vip,
  } = lab;
  const { method, realPort } = variant;
  const packet: readonly TemplateLayer[] = [
    ip({
      source: client.address,
      destination: method === 'nat' ? server.address : vip,
      id,
      ttl: method === 'nat' ? 63 : { oneOf: [64, 63] },
      totalLength: 28 + text.length,
    }),
    udp({ sourcePort: 5000, destinationPort: realPort, length: 8 + text.length }),
    payload(text),
  ];
  const outer = ip({ source: director.server.address, destination: server.address, protocol: PROTOCOL.ipip });
  receivesInFragments(lab, server, 1500, packet, method === 'tunnel' ? outer : undefined);
}
