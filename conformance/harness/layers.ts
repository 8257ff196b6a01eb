import type {
  ArpFields,
  ChunkFields,
  EthernetFields,
  ExtensionFields,
  FragmentFields,
  GreFields,
  GueFields,
  Icmp6Fields,
  IcmpFields,
  Ip6Fields,
  IpFields,
  Layer,
  LayerKind,
  NeighbourFields,
  RoutingFields,
  SctpFields,
  TcpFields,
  UdpFields,
} from '../../reference/wire/layer.ts';
import type { ExpectedFields, TemplateLayer } from './expectation.ts';

export { payload } from '../../reference/wire/layer.ts';

type Of<L, K extends LayerKind> = Extract<L, { readonly kind: K }>;

// The constructors of `reference/wire/layer.ts` once more, which also take matchers: with plain values the result is a layer to send and a
// template alike, with a matcher only a template.

export function ethernet(fields?: EthernetFields): Of<Layer, 'ethernet'>;
export function ethernet(fields: ExpectedFields<EthernetFields>): Of<TemplateLayer, 'ethernet'>;
export function ethernet(fields: ExpectedFields<EthernetFields> = {}): Of<TemplateLayer, 'ethernet'> {
  return { kind: 'ethernet', ...fields };
}

export function arp(fields?: ArpFields): Of<Layer, 'arp'>;
export function arp(fields: ExpectedFields<ArpFields>): Of<TemplateLayer, 'arp'>;
export function arp(fields: ExpectedFields<ArpFields> = {}): Of<TemplateLayer, 'arp'> {
  return { kind: 'arp', ...fields };
}

export function ip(fields?: IpFields): Of<Layer, 'ip'>;
export function ip(fields: ExpectedFields<IpFields>): Of<TemplateLayer, 'ip'>;
export function ip(fields: ExpectedFields<IpFields> = {}): Of<TemplateLayer, 'ip'> {
  return { kind: 'ip', ...fields };
}

export function tcp(fields?: TcpFields): Of<Layer, 'tcp'>;
export function tcp(fields: ExpectedFields<TcpFields>): Of<TemplateLayer, 'tcp'>;
export function tcp(fields: ExpectedFields<TcpFields> = {}): Of<TemplateLayer, 'tcp'> {
  return { kind: 'tcp', ...fields };
}

export function udp(fields?: UdpFields): Of<Layer, 'udp'>;
export function udp(fields: ExpectedFields<UdpFields>): Of<TemplateLayer, 'udp'>;
export function udp(fields: ExpectedFields<UdpFields> = {}): Of<TemplateLayer, 'udp'> {
  return { kind: 'udp', ...fields };
}

export function icmp(fields?: IcmpFields): Of<Layer, 'icmp'>;
export function icmp(fields: ExpectedFields<IcmpFields>): Of<TemplateLayer, 'icmp'>;
export function icmp(fields: ExpectedFields<IcmpFields> = {}): Of<TemplateLayer, 'icmp'> {
  return { kind: 'icmp', ...fields };
}

export function sctp(fields?: SctpFields): Of<Layer, 'sctp'>;
export function sctp(fields: ExpectedFields<SctpFields>): Of<TemplateLayer, 'sctp'>;
export function sctp(fields: ExpectedFields<SctpFields> = {}): Of<TemplateLayer, 'sctp'> {
  return { kind: 'sctp', ...fields };
}

export function chunk(fields?: ChunkFields): Of<Layer, 'chunk'>;
export function chunk(fields: ExpectedFields<ChunkFields>): Of<TemplateLayer, 'chunk'>;
export function chunk(fields: ExpectedFields<ChunkFields> = {}): Of<TemplateLayer, 'chunk'> {
  return { kind: 'chunk', ...fields };
}

export function gre(fields?: GreFields): Of<Layer, 'gre'>;
export function gre(fields: ExpectedFields<GreFields>): Of<TemplateLayer, 'gre'>;
export function gre(fields: ExpectedFields<GreFields> = {}): Of<TemplateLayer, 'gre'> {
  return { kind: 'gre', ...fields };
}

export function gue(fields?: GueFields): Of<Layer, 'gue'>;
export function gue(fields: ExpectedFields<GueFields>): Of<TemplateLayer, 'gue'>;
export function gue(fields: ExpectedFields<GueFields> = {}): Of<TemplateLayer, 'gue'> {
  return { kind: 'gue', ...fields };
}

export function ip6(fields?: Ip6Fields): Of<Layer, 'ip6'>;
export function ip6(fields: ExpectedFields<Ip6Fields>): Of<TemplateLayer, 'ip6'>;
export function ip6(fields: ExpectedFields<Ip6Fields> = {}): Of<TemplateLayer, 'ip6'> {
  return { kind: 'ip6', ...fields };
}

export function hopByHop(fields?: ExtensionFields): Of<Layer, 'hopByHop'>;
export function hopByHop(fields: ExpectedFields<ExtensionFields>): Of<TemplateLayer, 'hopByHop'>;
export function hopByHop(fields: ExpectedFields<ExtensionFields> = {}): Of<TemplateLayer, 'hopByHop'> {
  return { kind: 'hopByHop', ...fields };
}

export function destinationOptions(fields?: ExtensionFields): Of<Layer, 'destinationOptions'>;
export function destinationOptions(fields: ExpectedFields<ExtensionFields>): Of<TemplateLayer, 'destinationOptions'>;
export function destinationOptions(
  fields: ExpectedFields<ExtensionFields> = {},
): Of<TemplateLayer, 'destinationOptions'> {
  return { kind: 'destinationOptions', ...fields };
}

export function routing(fields?: RoutingFields): Of<Layer, 'routing'>;
export function routing(fields: ExpectedFields<RoutingFields>): Of<TemplateLayer, 'routing'>;
export function routing(fields: ExpectedFields<RoutingFields> = {}): Of<TemplateLayer, 'routing'> {
  return { kind: 'routing', ...fields };
}

export function fragment(fields?: FragmentFields): Of<Layer, 'fragment'>;
export function fragment(fields: ExpectedFields<FragmentFields>): Of<TemplateLayer, 'fragment'>;
export function fragment(fields: ExpectedFields<FragmentFields> = {}): Of<TemplateLayer, 'fragment'> {
  return { kind: 'fragment', ...fields };
}

export function icmp6(fields?: Icmp6Fields): Of<Layer, 'icmp6'>;
export function icmp6(fields: ExpectedFields<Icmp6Fields>): Of<TemplateLayer, 'icmp6'>;
export function icmp6(fields: ExpectedFields<Icmp6Fields> = {}): Of<TemplateLayer, 'icmp6'> {
  return { kind: 'icmp6', ...fields };
}

export function neighbour(fields?: NeighbourFields): Of<Layer, 'neighbour'>;
export function neighbour(fields: ExpectedFields<NeighbourFields>): Of<TemplateLayer, 'neighbour'>;
export function neighbour(fields: ExpectedFields<NeighbourFields> = {}): Of<TemplateLayer, 'neighbour'> {
  return { kind: 'neighbour', ...fields };
}
