import { InternalFault } from '../../reference/errors.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import { type Layer, ip, payload, tcp, udp } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import { findReceiver } from './find-receiver.ts';
import type { Flow, FlowOptions, FlowPacket } from './flow.ts';
import type { Host, Lab, Packet } from './lab.ts';
import type { Network } from './network.ts';
import { reservedBits } from './reserved-bits.ts';

const OUTER_LENGTH = 20;
/** The two low bits of the TOS byte (RFC 3168 §5). */
const ECN = 0x03;

/** One end's numbers, as a real stack would count them: netfilter's connection tracking drops what does not add up. */
interface End {
  nextSequence: number;
  nextId: number;
}

type IpLayer = Extract<Layer, { kind: 'ip' }>;
type Segment = Extract<Layer, { kind: 'tcp' | 'udp' }>;

interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** A {@link Flow}: every packet that should be forwarded is compared with what was sent, field by field. */
export class Conversation implements Flow {
  readonly #lab: Lab;
  readonly #network: Network;
  readonly #options: Required<FlowOptions>;
  readonly #clientEnd: End = { nextSequence: 1000, nextId: 0x1234 };
  readonly #serverEnd: End = { nextSequence: 5000, nextId: 0x7777 };
  #server: Host | undefined;

  constructor(lab: Lab, network: Network, options: FlowOptions) {
    const virtualPort = options.virtualPort ?? 80;
    this.#lab = lab;
    this.#network = network;
    this.#options = {
      client: lab.client,
      port: 40001,
      protocol: 'tcp',
      virtualAddress: lab.vip,
      virtualPort,
      realPort: virtualPort,
      method: 'nat',
      servers: lab.servers,
      ttl: 'either',
      ...options,
    };
  }

  get server(): Host {
    if (this.#server === undefined) throw new InternalFault('the flow has no server yet: let the client send first');
    return this.#server;
  }

  async clientSends(flags = '', packet: FlowPacket = {}): Promise<Packet> {
    const sent = this.#fromClient(flags, packet);
    await this.#options.client.sends(...sent);
    const server = this.#server ?? findReceiver(this.#options.servers, this.#network);
    const received = unreserved(server, server.receives(...this.#forwarded(sent, packet, server)));
    this.#server = server;
    if (packet.sequence === undefined) advance(this.#clientEnd, sent);
    // A server behind a tunnel or direct route answers past the director: the client has its SYN+ACK all the same.
    if (this.#options.method !== 'nat' && flags.includes('S')) this.#serverEnd.nextSequence++;
    return received;
  }

  async clientSendsInVain(flags = '', packet: FlowPacket = {}): Promise<void> {
    const before = new Set(this.#network.unexpected);
    await this.#options.client.sends(...this.#fromClient(flags, packet));
    const came = this.#network.unexpected.filter((record) => !before.has(record));
    if (came.length === 0) return;
    throw new ExpectationFailed([
      `nobody should get anything when ${this.#options.client.name} sends this ${this.#options.protocol} ${flags}`.trimEnd(),
      ...this.#network.describe(came),
    ]);
  }

  async serverSends(flags = '', packet: FlowPacket = {}): Promise<Packet> {
    const { client, port, virtualAddress, virtualPort, realPort, method } = this.#options;
    if (method !== 'nat') throw new InternalFault(`servers do not answer through the director with method '${method}'`);
    const ports = { sourcePort: realPort, destinationPort: port };
    const sent = this.#packet(this.server, client.address, ports, flags, packet, this.#serverEnd, this.#clientEnd);
    await this.server.sends(...sent);
    // Paper P13: only the source changes. RFC 1812 §5.3.1: a router takes one from the TTL.
    const { header, segment, data } = asSent(sent);
    const expected: readonly TemplateLayer[] = [
      { kind: 'ethernet', source: this.#lab.director.client.mac, destination: client.mac },
      { ...header, source: virtualAddress, ttl: header.ttl - 1 },
      { ...translated(segment, packet), sourcePort: virtualPort },
      ...data,
    ];
    const received = unreserved(client, client.receives(...expected));
    if (packet.sequence === undefined) advance(this.#serverEnd, sent);
    return received;
  }

  async establish(): Promise<void> {
    await this.clientSends('S');
    if (this.#options.method === 'nat') await this.serverSends('AS');
    await this.clientSends('A');
  }

  #fromClient(flags: string, packet: FlowPacket): readonly Layer[] {
    const { client, port, virtualAddress, virtualPort } = this.#options;
    const ports = { sourcePort: port, destinationPort: virtualPort };
    return this.#packet(client, virtualAddress, ports, flags, packet, this.#clientEnd, this.#serverEnd);
  }

  #packet(
    from: Host,
    destination: string,
    ports: Ports,
    flags: string,
    packet: FlowPacket,
    here: End,
    there: End,
  ): readonly Layer[] {
    const isUdp = this.#options.protocol === 'udp';
    const data = packet.payload ?? (isUdp ? 'datagram' : '');
    const id = here.nextId;
    here.nextId = (id + 1) & 0xffff;
    return [
      ip({ source: from.address, destination, id, ...packet.ip }),
      isUdp
        ? udp({ ...ports, ...packet.udp })
        : tcp({
            ...ports,
            sequence: packet.sequence ?? here.nextSequence,
            acknowledgement: packet.acknowledgement ?? (flags.includes('A') ? there.nextSequence : 0),
            flags,
            ...packet.tcp,
          }),
      ...(data === '' ? [] : [payload(data)]),
    ];
  }

  /** What must reach the server, by forwarding method. */
  #forwarded(sent: readonly Layer[], packet: FlowPacket, server: Host): readonly TemplateLayer[] {
    const director = this.#lab.director.server;
    const frame: TemplateLayer = { kind: 'ethernet', source: director.mac, destination: server.mac };
    const { header, segment, data } = asSent(sent);
    const ttl =
      this.#options.ttl === 'kept'
        ? { required: header.ttl, deviates: header.ttl - 1, deviation: 'ttl-decremented' }
        : { oneOf: [header.ttl, header.ttl - 1] };
    switch (this.#options.method) {
      case 'nat':
        // Paper P11: only the destination changes. RFC 1812 §5.3.1: a router takes one from the TTL.
        return [
          frame,
          { ...header, destination: server.address, ttl: header.ttl - 1 },
          { ...translated(segment, packet), destinationPort: this.#options.realPort },
          ...data,
        ];
      case 'tunnel':
        return [frame, outerHeader(header, director.address, server.address), { ...header, ttl }, segment, ...data];
      case 'direct-route':
        return [frame, { ...header, ttl }, segment, ...data];
    }
  }
}

interface Sent {
  /** Without the checksum, which must then be right. */
  readonly header: Omit<IpLayer, 'checksum'> & { readonly ttl: number };
  readonly segment: Segment;
  readonly data: readonly Layer[];
}

/** The packet as it goes out, every field filled in. */
function asSent(layers: readonly Layer[]): Sent {
  const [header, segment, ...data] = dissect(buildPacket(layers), 'ip').map(({ layer }) => layer);
  if (header?.kind !== 'ip' || (segment?.kind !== 'tcp' && segment?.kind !== 'udp')) {
    throw new InternalFault('a flow sends whole TCP segments and UDP datagrams only: use host.sends for anything else');
  }
  return { header: { ...withoutChecksum(header), ttl: header.ttl ?? 0 }, segment, data };
}

/** A flow never sets a reserved bit, so that nobody may. */
function unreserved(host: Host, packet: Packet): Packet {
  const set = reservedBits(packet);
  if (set.length === 0) return packet;
  throw new ExpectationFailed([`${host.name} should get the packet as it was sent`, ...set]);
}

/** A segment whose checksum must be right again, unless the case sent a wrong one on purpose. */
function translated(segment: Segment, packet: FlowPacket): TemplateLayer & { readonly kind: Segment['kind'] } {
  const isStated = packet.tcp?.checksum !== undefined || packet.udp?.checksum !== undefined;
  return isStated ? { ...segment, checksum: { any: true } } : withoutChecksum(segment);
}

/** RFC 2003 §3.1: TOS copied (but for the ECN bits, RFC 6040), DF set where the inner one is; TTL and id are the director's own. */
function outerHeader(inner: Sent['header'], source: string, destination: string): TemplateLayer {
  const tos = inner.tos ?? 0;
  return {
    kind: 'ip',
    headerLength: OUTER_LENGTH,
    totalLength: (inner.totalLength ?? 0) + OUTER_LENGTH,
    protocol: PROTOCOL.ipip,
    source,
    destination,
    mf: false,
    offset: 0,
    ...((tos & ECN) === 0 ? { tos } : {}),
    ...(inner.df === true ? { df: true } : {}),
  };
}

function withoutChecksum<L extends { readonly checksum?: number }>(layer: L): Omit<L, 'checksum'> {
  const copy: { checksum?: number } & Omit<L, 'checksum'> = { ...layer };
  delete copy.checksum;
  return copy;
}

/** The next sequence number: SYN and FIN take one each (RFC 9293 §3.4). */
function advance(end: End, sent: readonly Layer[]): void {
  const { segment, data } = asSent(sent);
  if (segment.kind !== 'tcp') return;
  const flags = segment.flags ?? '';
  const bytes = data.reduce(
    (total, layer) => total + (layer.kind === 'payload' ? (layer.data ?? '').length / 2 : 0),
    0,
  );
  end.nextSequence += bytes + Number(flags.includes('S')) + Number(flags.includes('F'));
}
