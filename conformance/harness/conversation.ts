import { InternalFault } from '../../reference/errors.ts';
import { type Layer, ip, ip6, payload, tcp, udp } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import { findReceiver } from './find-receiver.ts';
import {
  addressOf,
  hopsOf,
  outerHeaders,
  translatedHeader,
  withHops,
  withoutChecksum,
  type IpHeader,
} from './flow-headers.ts';
import type { Flow, FlowOptions, FlowPacket } from './flow.ts';
import type { Host, Lab, Packet } from './lab.ts';
import type { Network } from './network.ts';
import { reservedBits } from './reserved-bits.ts';

/** One end's numbers, as a real stack would count them: netfilter's connection tracking drops what does not add up. */
interface End {
  nextSequence: number;
  nextId: number;
}

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
  readonly #family: 'ipv4' | 'ipv6';
  readonly #clientEnd: End = { nextSequence: 1000, nextId: 0x1234 };
  readonly #serverEnd: End = { nextSequence: 5000, nextId: 0x7777 };
  #server: Host | undefined;

  constructor(lab: Lab, network: Network, options: FlowOptions) {
    const virtualPort = options.virtualPort ?? 80;
    this.#lab = lab;
    this.#network = network;
    this.#family = options.virtualAddress?.includes(':') === true ? 'ipv6' : 'ipv4';
    this.#options = {
      client: lab.client,
      port: 40001,
      protocol: 'tcp',
      virtualAddress: lab.vip,
      virtualPort,
      realPort: virtualPort,
      method: 'nat',
      tunnelFamily: this.#family,
      tunnel: 'ipip',
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
    const sent = this.#packet(
      this.server,
      addressOf(client, this.#family),
      ports,
      flags,
      packet,
      this.#serverEnd,
      this.#clientEnd,
    );
    await this.server.sends(...sent);
    // Paper P13: only the source changes. RFC 1812 §5.3.1: a router takes one from the TTL.
    const { header, segment, data } = asSent(sent);
    const expected: readonly TemplateLayer[] = [
      { kind: 'ethernet', source: this.#lab.director.client.mac, destination: client.mac },
      translatedHeader(header, { source: virtualAddress }),
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
    const source = addressOf(from, this.#family);
    return [
      this.#family === 'ipv4'
        ? ip({ source, destination, id, ...packet.ip })
        : ip6({ source, destination, ...packet.ip6 }),
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
    const hops = hopsOf(header);
    const kept =
      this.#options.ttl === 'kept'
        ? { required: hops, deviates: hops - 1, deviation: 'ttl-decremented' }
        : { oneOf: [hops, hops - 1] };
    const { method, tunnel, tunnelFamily } = this.#options;
    switch (method) {
      case 'nat':
        // Paper P11: only the destination changes. RFC 1812 §5.3.1: a router takes one from the TTL.
        return [
          frame,
          translatedHeader(header, { destination: addressOf(server, this.#family) }),
          { ...translated(segment, packet), destinationPort: this.#options.realPort },
          ...data,
        ];
      case 'tunnel':
        return [
          frame,
          ...outerHeaders(header, tunnelFamily, tunnel, director, server),
          withHops(header, kept),
          segment,
          ...data,
        ];
      case 'direct-route':
        return [frame, withHops(header, kept), segment, ...data];
    }
  }
}

interface Sent {
  readonly header: IpHeader;
  readonly segment: Segment;
  readonly data: readonly Layer[];
}

/** The packet as it goes out, every field filled in; the IP header without its checksum, which must then be right. */
function asSent(layers: readonly Layer[]): Sent {
  const family = layers[0]?.kind === 'ip6' ? 'ip6' : 'ip';
  const [header, segment, ...data] = dissect(buildPacket(layers), family).map(({ layer }) => layer);
  if ((header?.kind !== 'ip' && header?.kind !== 'ip6') || (segment?.kind !== 'tcp' && segment?.kind !== 'udp')) {
    throw new InternalFault('a flow sends whole TCP segments and UDP datagrams only: use host.sends for anything else');
  }
  return { header: header.kind === 'ip' ? withoutChecksum(header) : header, segment, data };
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
