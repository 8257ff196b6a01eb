import type { Clock } from '../../reference/clock.ts';
import { UNREACHABLE } from '../../reference/wire/icmp.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';
import { type Layer, type LayerOf, payload, tcp, udp } from '../../reference/wire/layer.ts';
import { fromHex } from '../../reference/wire/hex.ts';
import { TCP } from '../../reference/wire/tcp.ts';
import { type Delivery, Host } from './host.ts';
import type { HostConfiguration } from './host-configuration.ts';
import { type Segment, TcpEndpoint } from './tcp-endpoint.ts';

/** Connections at once, closed ones not counted; a SYN beyond them is dropped, as by a full backlog. */
const MOST_STREAMS = 4096;

/** What an application does with one TCP connection. */
export interface Conversation {
  received(data: Uint8Array): void;
  ended(): void;
}

/** What an application does with a datagram: what it answers, if anything, and whether from the address that was asked or from the host's own. */
export type DatagramService = (
  data: Uint8Array,
) => { readonly data: Uint8Array; readonly from: 'asked' | 'own' } | undefined;

export interface SocketsOptions {
  readonly configuration: HostConfiguration;
  readonly clock: Clock;
  readonly transmit: (frame: Uint8Array) => void;
}

interface Pair {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/**
 * A host with TCP and UDP on top: connections by their four numbers, listeners by port. `transmit` must not answer before it returns: a
 * wire takes its time.
 */
export class Sockets {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #streams = new Map<string, { readonly pair: Pair; readonly endpoint: TcpEndpoint }>();
  readonly #listeners = new Map<number, (stream: TcpEndpoint) => Conversation>();
  readonly #datagramServices = new Map<number, DatagramService>();
  #nextSequence = 0x1000_0000;

  constructor({ configuration, clock, transmit }: SocketsOptions) {
    this.#clock = clock;
    this.#host = new Host({
      configuration,
      clock,
      transmit,
      deliver: (delivery) => this.#deliver(delivery),
      pathMtuFell: (address, mtu) => this.#limitSegments(address, mtu),
    });
  }

  receive(frame: Uint8Array): void {
    this.#host.receive(frame);
  }

  listen(port: number, accept: (stream: TcpEndpoint) => Conversation): void {
    this.#listeners.set(port, accept);
  }

  serveDatagrams(port: number, service: DatagramService): void {
    this.#datagramServices.set(port, service);
  }

  connect(localPort: number, remote: string, remotePort: number, conversation: Conversation): TcpEndpoint {
    const pair = { local: this.#host.addresses.own, localPort, remote, remotePort };
    return this.#remember(pair, TcpEndpoint.connect({ ...this.#optionsFor(pair), ...conversation }));
  }

  sendDatagram(localPort: number, remote: string, remotePort: number, data: Uint8Array): void {
    this.#sendDatagram({ local: this.#host.addresses.own, localPort, remote, remotePort }, data);
  }

  #deliver(delivery: Delivery): void {
    const [transport, content] = delivery.contents;
    const data = content?.kind === 'payload' ? fromHex(content.data ?? '', 'payload') : new Uint8Array(0);
    if (transport?.kind === 'tcp') this.#segment(pairOf(delivery, transport), { fields: transport, data });
    if (transport?.kind === 'udp') this.#datagram(delivery, pairOf(delivery, transport), data);
  }

  #segment(pair: Pair, segment: Segment): void {
    const stream = this.#streams.get(keyOf(pair));
    const { flags = '' } = segment.fields;
    const listener = this.#listeners.get(pair.localPort);
    const isNew = stream === undefined || stream.endpoint.state === 'closed';
    if (!isNew) stream.endpoint.receive(segment);
    else if (listener !== undefined && isOpening(flags)) this.#accept(pair, segment, listener);
    else if (!flags.includes('R')) this.#reset(pair, segment);
  }

  #accept(pair: Pair, syn: Segment, accept: (stream: TcpEndpoint) => Conversation): void {
    const options = {
      ...this.#optionsFor(pair),
      received: (data: Uint8Array) => conversation.received(data),
      ended: () => conversation.ended(),
    };
    if (this.#streams.size >= MOST_STREAMS) this.#forgetClosed();
    if (this.#streams.size >= MOST_STREAMS) return;
    const conversation = accept(this.#remember(pair, TcpEndpoint.accept(options, syn)));
  }

  #forgetClosed(): void {
    for (const [key, { endpoint }] of this.#streams) if (endpoint.state === 'closed') this.#streams.delete(key);
  }

  #remember(pair: Pair, endpoint: TcpEndpoint): TcpEndpoint {
    this.#streams.set(keyOf(pair), { pair, endpoint });
    return endpoint;
  }

  #optionsFor(pair: Pair) {
    this.#nextSequence = (this.#nextSequence + 0x1_0001) >>> 0;
    return {
      clock: this.#clock,
      sourcePort: pair.localPort,
      destinationPort: pair.remotePort,
      initialSequence: this.#nextSequence,
      largestSegment: segmentFor(this.#host.pathMtu(pair.remote)),
      send: (segment: Segment) => this.#sendSegment(pair, segment),
    };
  }

  /** RFC 9293 §3.5.2: a segment for no connection is answered by a reset. */
  #reset(pair: Pair, { fields, data }: Segment): void {
    const { flags = '', sequence = 0, acknowledgement = 0 } = fields;
    const ports = { sourcePort: pair.localPort, destinationPort: pair.remotePort, window: 0 };
    const occupied = data.length + Number(flags.includes('S')) + Number(flags.includes('F'));
    const answer = flags.includes('A')
      ? { ...ports, sequence: acknowledgement, flags: 'R' }
      : { ...ports, sequence: 0, acknowledgement: (sequence + occupied) >>> 0, flags: 'AR' };
    this.#sendSegment(pair, { fields: answer, data: new Uint8Array(0) });
  }

  #sendSegment({ local, remote }: Pair, { fields, data }: Segment): void {
    this.#host.send({ source: local, destination: remote, df: true }, [tcp(fields), ...contentOf(data)]);
  }

  #datagram(delivery: Delivery, pair: Pair, data: Uint8Array): void {
    const service = this.#datagramServices.get(pair.localPort);
    if (service === undefined) {
      this.#host.refuse(delivery, UNREACHABLE.port);
      return;
    }
    const answer = service(data);
    if (answer === undefined) return;
    // What a redirect brought leaves by it: the address that was asked is put back (nf_nat_core.c:nf_nat_packet).
    const isAsked = answer.from === 'asked' || this.#host.addresses.isRedirected(pair.local);
    this.#sendDatagram(isAsked ? pair : { ...pair, local: this.#host.addresses.own }, answer.data);
  }

  #sendDatagram({ local, localPort, remote, remotePort }: Pair, data: Uint8Array): void {
    const fields = { sourcePort: localPort, destinationPort: remotePort };
    this.#host.send({ source: local, destination: remote, df: true }, [udp(fields), ...contentOf(data)]);
  }

  #limitSegments(address: string, mtu: number): void {
    for (const { pair, endpoint } of this.#streams.values()) {
      if (pair.remote === address) endpoint.limitSegments(segmentFor(mtu));
    }
  }
}

/** RFC 9293 §3.7.1: what an IP and a TCP header leave of a packet. */
const segmentFor = (mtu: number): number => mtu - IPV4.headerLength - TCP.headerLength;

const contentOf = (data: Uint8Array): readonly Layer[] => (data.length === 0 ? [] : [payload(data)]);

function pairOf({ header }: Delivery, transport: LayerOf<'tcp' | 'udp'>): Pair {
  return {
    local: header.destination ?? '',
    localPort: transport.destinationPort ?? 0,
    remote: header.source ?? '',
    remotePort: transport.sourcePort ?? 0,
  };
}

/** A SYN, neither an answer to one nor a reset. */
const isOpening = (flags: string): boolean => flags.includes('S') && !flags.includes('A') && !flags.includes('R');

const keyOf = ({ local, localPort, remote, remotePort }: Pair): string =>
  `${local}:${localPort} ${remote}:${remotePort}`;
