import { ethernet, ip, ip6, type Layer } from '../../../reference/wire/layer.ts';
import type { Topology } from '../../topologies/topology.ts';
import { macAt, type Sighting } from './seen.ts';

/** Who speaks to whom through a director that forwards as the papers say. */
export interface Conversation {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort: number;
  readonly virtualPort: number;
  /** Under VS/NAT; default the virtual one. */
  readonly serverPort?: number;
  readonly family?: 4 | 6;
}

/** What is in the datagram, given its ports. */
export type Contents = (sourcePort: number, destinationPort: number) => readonly Layer[];

/** A packet of the client, at every interface that it passes. */
export function request(topology: Topology, conversation: Conversation, contents: Contents): Sighting[] {
  const { client = 'client1', server = 'server1', clientPort, virtualPort, serverPort = virtualPort } = conversation;
  const { family = 4 } = conversation;
  const [from, vip, to] = [
    address(topology, client, family),
    virtual(topology, family),
    address(topology, server, family),
  ];
  const asked = contents(clientPort, virtualPort);
  const packet = (ttl: number): readonly Layer[] => [datagram(from, vip, ttl), ...asked];
  const way = wayOf(topology);
  const arrival = [
    ...way([`${client}/eth0`, 'router/eth0'], packet(64)),
    ...way(['router/eth1', 'director/eth0'], packet(63)),
  ];
  switch (topology.method) {
    case 'direct-route':
      return [...arrival, ...way(['director/eth0', `${server}/eth0`], packet(62))];
    case 'tunnel': {
      // A header with DF needs no id (RFC 6864 §4.1), and Linux gives it none (ip_output.c:ip_select_ident).
      const around = (ttl: number): Layer => {
        const header = datagram(address(topology, 'director', family), to, ttl);
        return header.kind === 'ip' ? { ...header, id: 0 } : header;
      };
      const wrapped = (ttl: number): readonly Layer[] => [around(ttl), ...packet(62)];
      return [
        ...arrival,
        ...way(['director/eth0', 'router/eth1'], wrapped(62)),
        ...way(['router/eth2', `${server}/eth0`], wrapped(61)),
      ];
    }
    default: {
      const rewritten = [datagram(from, to, 62), ...contents(clientPort, serverPort)];
      return [...arrival, ...way(['director/eth1', `${server}/eth0`], rewritten)];
    }
  }
}

/** A packet of the server, likewise. */
export function reply(topology: Topology, conversation: Conversation, contents: Contents): Sighting[] {
  const { client = 'client1', server = 'server1', clientPort, virtualPort, serverPort = virtualPort } = conversation;
  const { family = 4 } = conversation;
  const [from, vip, to] = [
    address(topology, server, family),
    virtual(topology, family),
    address(topology, client, family),
  ];
  const packet = (ttl: number): readonly Layer[] => [datagram(vip, to, ttl), ...contents(virtualPort, clientPort)];
  const way = wayOf(topology);
  if (topology.method !== 'nat') {
    const device = topology.method === 'tunnel' ? 'eth2' : 'eth1';
    return [
      ...way([`${server}/eth0`, `router/${device}`], packet(64)),
      ...way(['router/eth0', `${client}/eth0`], packet(63)),
    ];
  }
  const answered = [datagram(from, to, 64), ...contents(serverPort, clientPort)];
  return [
    ...way([`${server}/eth0`, 'director/eth1'], answered),
    ...way(['director/eth0', 'router/eth1'], packet(63)),
    ...way(['router/eth0', `${client}/eth0`], packet(62)),
  ];
}

/** Out at one interface, in at the other. */
function wayOf(topology: Topology) {
  return ([from, to]: readonly [string, string], layers: readonly Layer[]): Sighting[] => {
    const frame = [ethernet({ source: macAt(topology, from), destination: macAt(topology, to) }), ...layers];
    return [
      [from, 'out', frame],
      [to, 'in', frame],
    ];
  };
}

function datagram(source: string, destination: string, ttl: number): Layer {
  return source.includes(':') ? ip6({ source, destination, hopLimit: ttl }) : ip({ source, destination, ttl });
}

function virtual({ virtualAddress, virtualAddress6 }: Topology, family: 4 | 6): string {
  return family === 4 ? virtualAddress : virtualAddress6;
}

function address({ machines }: Topology, name: string, family: 4 | 6): string {
  const addresses = machines.find((machine) => machine.name === name)?.interfaces[0]?.addresses;
  return addresses?.[family === 4 ? 0 : 1]?.replace(/\/\d+$/, '') ?? '';
}
