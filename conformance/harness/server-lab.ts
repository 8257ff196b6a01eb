import { TcpEndpoint, type Segment } from '../../generators/hosts/tcp-endpoint.ts';
import { requestFor, responseTo, SERVICE_PORT } from '../../generators/real-server/service.ts';
import { SERVER_NETWORK } from '../../generators/real-server/server-network.ts';
import type { ServerMethod, ServerSetup } from '../../generators/real-server/server-setup.ts';
import { Clock } from '../../reference/clock.ts';
import { fromHex } from '../../reference/wire/hex.ts';
import { type Layer, type LayerOf, ethernet, icmp, ip, payload, tcp } from '../../reference/wire/layer.ts';
import type { FrameSession } from '../targets/target.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import type { Attachment, Host, Packet } from './lab.ts';
import type { Network } from './network.ts';
import { SimulatedHost } from './simulated-host.ts';

const WIRE = 0;
const DOWNSTREAM_ROUTER = '10.9.9.9';
const LARGEST_SEGMENT = 1460;

/** A request over TCP, and what becomes of it. */
export interface RequestOptions {
  /** The client's port. Default 40001. */
  readonly port?: number;
  /** Bytes of content asked for. Default 5000. */
  readonly count?: number;
  /** Largest packet that a link beyond the router carries: larger ones are lost there, and the sender is told (RFC 1191). */
  readonly narrowLink?: number;
}

/** What a script about a real server sees: the server between the hosts of {@link SERVER_NETWORK}. */
export class ServerLab {
  readonly vip = SERVER_NETWORK.virtualAddress;
  /** The client's address. He is not on the wire: what is for him goes to the router. */
  readonly client = SERVER_NETWORK.client;
  readonly server: Attachment = { ...SERVER_NETWORK.server, address6: '::' };
  readonly setup: ServerSetup;
  readonly director: Host;
  readonly router: Host;
  readonly neighbour: Host;
  readonly #network: Network<FrameSession>;
  /** By which the last packet was forwarded: it says where the answer goes. */
  #method: ServerMethod = 'direct-route';

  constructor(setup: ServerSetup, network: Network<FrameSession>) {
    this.setup = setup;
    this.#network = network;
    const host = (name: 'director' | 'router' | 'neighbour') =>
      new SimulatedHost({ name, port: WIRE, gateway: SERVER_NETWORK.router, ...SERVER_NETWORK[name] }, network);
    this.director = host('director');
    this.router = host('router');
    this.neighbour = host('neighbour');
  }

  /** The address that the server serves under this method: its own where the director translates (paper P11), else the virtual one. */
  served(method: ServerMethod): string {
    return method === 'nat' ? this.server.address : this.vip;
  }

  /** The host by which answers to what came by this method go to the client (paper P10). */
  gateway(method: ServerMethod): Host {
    return method === 'nat' ? this.director : this.router;
  }

  /**
   * A packet of the client to the virtual address, from its IP layer inwards, as the director forwards it: with the server's address as
   * destination, in a frame to the server, or wrapped (paper P11, P22, P29).
   */
  async forwards(method: ServerMethod, ...packet: readonly Layer[]): Promise<void> {
    await this.#forwardsTogether(method, [packet]);
  }

  /**
   * Takes the next packet that the server sends to the client: from the address that was served, by the gateway of the method, no larger than
   * the LAN carries.
   */
  answers(...template: readonly TemplateLayer[]): Packet {
    const gateway = this.gateway(this.#method);
    const frame: TemplateLayer = { kind: 'ethernet', source: this.server.mac, destination: gateway.mac };
    const header: TemplateLayer = { kind: 'ip', source: this.served(this.#method), destination: this.client };
    const [first, ...contents] = template;
    const merged: TemplateLayer = first?.kind === 'ip' ? { ...header, ...first } : header;
    const packet = gateway.receives(frame, merged, ...(first?.kind === 'ip' ? contents : template));
    const size = packet.bytes.length - 14;
    if (size > SERVER_NETWORK.mtu) {
      throw new ExpectationFailed([
        `the server should send no packet larger than the ${SERVER_NETWORK.mtu} bytes of its LAN`,
        `came: one of ${size} bytes`,
      ]);
    }
    return packet;
  }

  /** The client asks for content over TCP, the director forwards his half; fails unless the whole response comes, byte for byte. */
  async request(method: ServerMethod, options: RequestOptions = {}): Promise<void> {
    const { port = 40001, count = 5000, narrowLink = Infinity } = options;
    const seed = port & 0xff;
    const sent: Segment[] = [];
    const response: number[] = [];
    const client: TcpEndpoint = TcpEndpoint.connect({
      clock: new Clock(),
      sourcePort: port,
      destinationPort: SERVICE_PORT,
      initialSequence: 1000 * port,
      largestSegment: LARGEST_SEGMENT,
      send: ({ fields, data }) => sent.push({ fields, data: data.slice() }),
      received: (data) => response.push(...data),
      ended: () => client.close(),
    });
    client.write(Uint8Array.from(requestFor(count, seed), (character) => character.charCodeAt(0)));
    const header = { source: this.client, destination: this.vip };
    while (sent.length > 0) {
      const packets = sent.splice(0).map(({ fields, data }) => [ip(header), tcp(fields), ...contentOf(data)]);
      await this.#forwardsTogether(method, packets);
      const isOpening = client.state === 'syn-sent';
      if (isOpening) client.receive(segmentOf(this.answers(tcpOf(port, 'AS'))));
      while (this.gateway(method).hasPacket) {
        const packet = this.answers(tcpOf(port));
        if (packet.bytes.length - 14 <= narrowLink) client.receive(segmentOf(packet));
        else await this.#isTooLarge(method, packet, narrowLink);
      }
    }
    const required = responseTo(requestFor(count, seed)) ?? new Uint8Array(0);
    this.equal('bytes of the response', response.length, required.length);
    this.equal(
      'place of the first byte that differs',
      response.findIndex((byte, at) => byte !== required[at]),
      -1,
    );
    this.equal("the client's end of the connection", client.state, 'closed');
  }

  /** Fails unless every frame so far was expected. */
  nothingElse(): void {
    const { unexpected } = this.#network;
    if (unexpected.length === 0) return;
    throw new ExpectationFailed(['nobody should get anything else', ...this.#network.describe(unexpected)]);
  }

  equal(what: string, actual: string | number | undefined, required: string | number | undefined): void {
    this.#network.observations.check(what, JSON.stringify(required), JSON.stringify(actual));
    if (actual === required) return;
    throw new ExpectationFailed([`${what}: expected ${String(required)}`, `observed ${String(actual)}`]);
  }

  /** A router beyond ours says that the packet fits no further; the director forwards what belongs to the connection. */
  async #isTooLarge(method: ServerMethod, packet: Packet, mtu: number): Promise<void> {
    const quoted = payload(packet.bytes.subarray(14, 14 + 48));
    const message = icmp({ type: 3, code: 4, rest: mtu });
    await this.forwards(method, ip({ source: DOWNSTREAM_ROUTER, destination: this.vip, df: false }), message, quoted);
  }

  async #forwardsTogether(method: ServerMethod, packets: readonly (readonly Layer[])[]): Promise<void> {
    this.#method = method;
    await this.director.sendsTogether(packets.map((packet) => this.#forwarded(method, packet)));
  }

  #forwarded(method: ServerMethod, packet: readonly Layer[]): readonly Layer[] {
    const frame = ethernet({ destination: this.server.mac });
    switch (method) {
      case 'nat':
        return [frame, ...packet.map((layer, index) => (index === 0 ? this.#translated(layer) : layer))];
      case 'tunnel':
        return [frame, ip({ source: this.director.address, destination: this.server.address }), ...packet];
      case 'direct-route':
        return [frame, ...packet];
    }
  }

  #translated(header: Layer): Layer {
    return header.kind === 'ip' ? { ...header, destination: this.server.address } : header;
  }
}

const contentOf = (data: Uint8Array): readonly Layer[] => (data.length === 0 ? [] : [payload(data)]);

function tcpOf(port: number, flags?: string): TemplateLayer {
  return {
    kind: 'tcp',
    sourcePort: SERVICE_PORT,
    destinationPort: port,
    ...(flags === undefined ? {} : { flags }),
  };
}

function segmentOf({ layers }: Packet): Segment {
  const segment = layers.find((found): found is { layer: LayerOf<'tcp'> } & typeof found => found.layer.kind === 'tcp');
  const content = layers.at(-1)?.layer;
  return {
    fields: segment?.layer ?? {},
    data: content?.kind === 'payload' ? fromHex(content.data ?? '', 'payload') : new Uint8Array(0),
  };
}
