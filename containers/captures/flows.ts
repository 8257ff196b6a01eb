import type { Capture } from '../../conformance/captures/capture.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import type { Topology } from '../topologies/topology.ts';
import { Names } from './names.ts';
import { readPackets, type Conversation, type Packet, type Protocol } from './packet.ts';
import { machineOf, pathOf } from './path.ts';

export interface End {
  /** `client1`, `VIP`; an address that nobody has. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Who speaks: the client, or the other side. */
export type Side = 'client' | 'server';

/** A conversation, from end to end and through everything between: one TCP connection, the datagrams between two ports, pings of one identifier. */
export interface Flow {
  readonly protocol: Protocol;
  readonly family: 4 | 6;
  /** The one on a client's machine; where no client takes part, who spoke first. */
  readonly client: End;
  /** What the client speaks to. */
  readonly virtual: End;
  readonly startedBy: Side;
  /** The real servers that it went to, in order, with the ports that they have it on. */
  readonly servers: readonly string[];
  readonly serverPorts: readonly number[];
  /** The machines from end to end: `client1`, `router`, `director`, `server2`. Several servers stand in one place: `server1, server2`. */
  readonly paths: Readonly<Record<Side, readonly string[]>>;
  /** All packets at all interfaces, with the side that sent them. */
  readonly packets: readonly SidedPacket[];
}

export interface SidedPacket extends Packet {
  readonly side: Side;
}

/** The flows of a merged capture, in the order of their first frames. */
export function flowsOf(capture: Capture, topology: Topology): Flow[] {
  const names = new Names(topology);
  const found = new Collector(names);
  for (const packet of readPackets(capture)) found.add(packet);
  return found.drafts.map((draft) => finished(draft, capture, names));
}

/** A flow that is not complete yet. */
interface Draft {
  readonly protocol: Protocol;
  readonly family: 4 | 6;
  readonly client: Conversation['source'];
  readonly clientPort: number;
  /** The other end as the client sees it; undefined until that was seen. */
  other: { readonly address: string; readonly port: number } | undefined;
  readonly startedBy: Side;
  readonly serverPorts: Set<number>;
  readonly packets: SidedPacket[];
  /** Sequence number of the SYN that began it. */
  readonly initial: number | undefined;
  isOver: boolean;
}

/** Gathers packets to flows. Under VS/NAT a packet beyond the director belongs to the flow of the same client port that was last at work. */
class Collector {
  readonly drafts: Draft[] = [];
  readonly #names: Names;
  readonly #byEnds = new Map<string, Draft>();
  readonly #byClient = new Map<string, Draft>();

  constructor(names: Names) {
    this.#names = names;
  }

  add(packet: Packet): void {
    const { conversation } = packet;
    const side = this.#sideOf(conversation);
    const [near, far] = side === 'client' ? SOURCE_FIRST : DESTINATION_FIRST;
    const [client, clientPort] = [conversation[near.address], conversation[near.port]];
    const [other, port] = [conversation[far.address], conversation[far.port]];
    const clientKey = `${conversation.protocol} ${client} ${clientPort}`;
    const key = `${clientKey} ${other} ${port}`;
    const isServer = this.#names.roleOf(other) === 'server' && this.#names.roleOf(client) === 'client';
    const initial = initialSequence(packet);

    let draft = this.#byEnds.get(key);
    if (draft !== undefined && begins(draft, initial)) draft = undefined;
    draft ??= this.#joined(clientKey, isServer, initial);
    if (draft === undefined) {
      draft = {
        protocol: conversation.protocol,
        family: packet.datagram.kind === 'ip' ? 4 : 6,
        client,
        clientPort,
        other: undefined,
        startedBy: side,
        serverPorts: new Set(),
        packets: [],
        initial,
        isOver: false,
      };
      this.drafts.push(draft);
    }
    this.#byEnds.set(key, draft);
    this.#byClient.set(clientKey, draft);
    if (isServer) draft.serverPorts.add(port);
    else draft.other ??= { address: other, port };
    if (ends(packet)) draft.isOver = true;
    draft.packets.push({ ...packet, side });
  }

  /** The side that sent a packet. Where no client takes part it is told by who began. */
  #sideOf({ protocol, source, sourcePort, destination, destinationPort }: Conversation): Side {
    if (this.#names.roleOf(source) === 'client') return 'client';
    if (this.#names.roleOf(destination) === 'client') return 'server';
    const reply = `${protocol} ${destination} ${destinationPort} ${source} ${sourcePort}`;
    return this.#byEnds.has(reply) ? 'server' : 'client';
  }

  /** The flow that the same client port has on the director's other side. */
  #joined(clientKey: string, isServer: boolean, initial: number | undefined): Draft | undefined {
    const latest = this.#byClient.get(clientKey);
    if (latest === undefined || begins(latest, initial)) return undefined;
    return isServer || latest.other === undefined ? latest : undefined;
  }
}

const SOURCE_FIRST = [
  { address: 'source', port: 'sourcePort' },
  { address: 'destination', port: 'destinationPort' },
] as const;
const DESTINATION_FIRST = [SOURCE_FIRST[1], SOURCE_FIRST[0]] as const;

/** Whether a SYN with this number begins a new connection where another was over. */
function begins(draft: Draft, initial: number | undefined): boolean {
  return initial !== undefined && draft.isOver && draft.initial !== initial;
}

/** Of a SYN that asks; undefined for all else. */
function initialSequence({ view, transport, isError }: Packet): number | undefined {
  if (isError || transport?.kind !== 'tcp') return undefined;
  const flags = view.getUint8(transport.offset + TCP.flags);
  if ((flags & (TCP_FLAG.syn | TCP_FLAG.ack)) !== TCP_FLAG.syn) return undefined;
  return view.getUint32(transport.offset + TCP.sequence);
}

function ends({ view, transport, isError }: Packet): boolean {
  if (isError || transport?.kind !== 'tcp') return false;
  return (view.getUint8(transport.offset + TCP.flags) & (TCP_FLAG.fin | TCP_FLAG.rst)) !== 0;
}

function finished(draft: Draft, capture: Capture, names: Names): Flow {
  const { protocol, family, startedBy, packets, client, clientPort, other, serverPorts } = draft;
  const virtual = other ?? { address: '?', port: 0 };
  const isOfServer = (machine: string): boolean => names.roleOfMachine(machine) === 'server';
  const path = (side: Side): string[] => pathOf(packets, side, capture, isOfServer);
  const machines = new Set(packets.map(({ frame }) => machineOf(capture, frame.interface)));
  return {
    protocol,
    family,
    startedBy,
    client: { name: names.ofAddress(client), address: client, port: clientPort },
    virtual: { name: names.ofAddress(virtual.address), ...virtual },
    servers: [...machines].filter(isOfServer),
    serverPorts: [...serverPorts],
    paths: { client: path('client'), server: path('server') },
    packets,
  };
}
