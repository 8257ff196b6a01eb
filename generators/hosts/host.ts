import type { Clock } from '../../reference/clock.ts';
import { PacketBuffer } from '../../reference/forwarding/packet-buffer.ts';
import { ipv4ReassemblyRules } from '../../reference/forwarding/reassembly-rules.ts';
import { Reassembly } from '../../reference/forwarding/reassembly.ts';
import { buildPacket, checksumErrors, dissect } from '../../reference/wire/packet.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import { type IpFields, type Layer, type LayerOf, ethernet, icmp, payload } from '../../reference/wire/layer.ts';
import { ICMP_TYPE, UNREACHABLE } from '../../reference/wire/icmp.ts';
import { DeviceSettings } from './device-settings.ts';
import { HostAddresses } from './host-addresses.ts';
import { HostArp } from './host-arp.ts';
import { type HostConfiguration, TUNNEL_DEVICE } from './host-configuration.ts';
import { fragmentsFor } from './ip-fragments.ts';
import { isValidSource } from './source-validation.ts';

const DEFAULT_TTL = 64;
/** Bytes; Linux believes in no smaller path MTU (`net.ipv4.route.min_pmtu`), and in each for ten minutes (RFC 1191 §6.3). */
const SMALLEST_PATH_MTU = 552;
const PATH_MTU_LIFE = 600_000;
/** Bytes of a quoted packet behind its header that an error must have (RFC 792). */
const LARGEST_QUOTE = 548;
const CONGESTION_EXPERIENCED = 3;

/** A datagram for one of the host's addresses. */
export interface Delivery {
  readonly header: LayerOf<'ip'>;
  /** From the transport layer inwards. */
  readonly contents: readonly Layer[];
  readonly bytes: Uint8Array;
}

export interface HostOptions {
  readonly configuration: HostConfiguration;
  readonly clock: Clock;
  readonly transmit: (frame: Uint8Array) => void;
  /** Takes TCP and UDP. */
  readonly deliver: (delivery: Delivery) => void;
  /** A router says that no larger packets reach this address. */
  readonly pathMtuFell: (address: string, mtu: number) => void;
}

/** A host at the end of a wire, as far as IP: Ethernet, ARP, IP with fragments, IPIP, ICMP (RFC 1122). It forwards nothing. */
export class Host {
  readonly addresses: HostAddresses;
  readonly #options: HostOptions;
  readonly #settings: DeviceSettings;
  readonly #arp: HostArp;
  readonly #reassembly: Reassembly;
  readonly #pathMtus = new Map<string, number>();
  #nextId = 1;

  constructor(options: HostOptions) {
    const { configuration, clock } = options;
    const { name: device, mac } = configuration.port;
    this.#options = options;
    this.addresses = new HostAddresses(configuration);
    this.#settings = new DeviceSettings(configuration.sysctls);
    this.#reassembly = new Reassembly(
      clock,
      ipv4ReassemblyRules(() => undefined),
    );
    this.#arp = new HostArp({
      clock,
      addresses: this.addresses,
      settings: this.#settings,
      device,
      mac,
      send: (layers) => options.transmit(buildPacket(layers)),
    });
  }

  receive(frame: Uint8Array): void {
    const [first, second] = dissect(frame);
    if (first?.layer.kind !== 'ethernet' || second === undefined) return;
    const { mac, name } = this.#options.configuration.port;
    const { destination = '' } = first.layer;
    const isToAll = destination === 'ff:ff:ff:ff:ff:ff';
    if (destination !== mac && !isToAll) return;
    if (second.layer.kind === 'arp') this.#arp.receive(second.layer);
    if (second.layer.kind === 'ip' && !isToAll) {
      const { totalLength = 0 } = second.layer;
      this.#arrived(frame.subarray(second.offset, second.offset + totalLength), name);
    }
  }

  /** Bytes of the largest datagram that reaches this address whole, as far as is known. */
  pathMtu(address: string): number {
    const { mtu } = this.#options.configuration.port;
    return Math.min(mtu, this.#pathMtus.get(address) ?? mtu);
  }

  /** Sends a datagram from one of the host's addresses. */
  send(header: IpFields & { readonly source: string; readonly destination: string }, contents: readonly Layer[]): void {
    const { port, gateway } = this.#options.configuration;
    const { source, destination } = header;
    const nextHop = this.addresses.isOnLink(destination) ? destination : gateway;
    const fields = { ttl: DEFAULT_TTL, id: this.#nextId, ...header };
    this.#nextId = (this.#nextId % 0xffff) + 1;
    for (const datagram of fragmentsFor(this.pathMtu(destination), fields, contents)) {
      this.#arp.resolve(nextHop, source, (mac) => {
        const head = buildPacket([ethernet({ source: port.mac, destination: mac, type: 0x0800 })]);
        const frame = new Uint8Array(head.length + datagram.length);
        frame.set(head);
        frame.set(datagram, head.length);
        this.#options.transmit(frame);
      });
    }
  }

  /** Says that nobody listens there (RFC 1122 §3.2.2.1). */
  refuse({ header, bytes }: Delivery, code: number): void {
    const { source = '', destination = '' } = header;
    if (this.#options.configuration.dropsIcmp) return;
    const message = icmp({ type: ICMP_TYPE.unreachable, code });
    this.send({ source: destination, destination: source, df: false, tos: 0xc0 }, [
      message,
      payload(bytes.subarray(0, LARGEST_QUOTE)),
    ]);
  }

  /** A datagram came in by a device: from the wire, or unwrapped. */
  #arrived(bytes: Uint8Array, device: string): void {
    const [found, ...contents] = dissect(bytes, 'ip');
    if (found?.layer.kind !== 'ip' || checksumErrors(bytes, 'ip').some(({ layer }) => layer === 0)) return;
    const header = found.layer;
    const { source = '', destination = '', totalLength = 0, mf = false, offset = 0 } = header;
    if (totalLength !== bytes.length || !isValidSource(source, device, this.addresses, this.#settings)) return;
    if (!this.addresses.isServed(destination)) return;
    if (mf || offset > 0) {
      const whole = this.#reassemble(bytes);
      if (whole !== undefined) this.#arrived(whole, device);
      return;
    }
    if (checksumErrors(bytes, 'ip').some(({ layer }) => layer === 1)) return;
    this.#deliver({ header, contents: contents.map(({ layer }) => layer), bytes }, found.length);
  }

  #reassemble(bytes: Uint8Array): Uint8Array | undefined {
    const fragment = new PacketBuffer(bytes.length);
    fragment.load(bytes, 0, 0);
    const whole = this.#reassembly.add(fragment);
    return whole?.bytes.slice(whole.start, whole.end);
  }

  #deliver(delivery: Delivery, headerLength: number): void {
    const { header, contents, bytes } = delivery;
    switch (header.protocol) {
      case PROTOCOL.ipip:
        if (this.addresses.hasDevice(TUNNEL_DEVICE)) this.#unwrap(header, bytes.subarray(headerLength));
        else this.refuse(delivery, UNREACHABLE.protocol);
        break;
      case PROTOCOL.icmp:
        if (!this.#options.configuration.dropsIcmp) this.#control(header, contents);
        break;
      case PROTOCOL.tcp:
      case PROTOCOL.udp:
        this.#options.deliver(delivery);
        break;
      default:
        this.refuse(delivery, UNREACHABLE.protocol);
    }
  }

  /** The datagram inside (RFC 2003 §3.2), dropped where congestion was met that it cannot tell of (RFC 6040 §4.2). */
  #unwrap(outer: LayerOf<'ip'>, bytes: Uint8Array): void {
    const [inner] = dissect(bytes, 'ip');
    if (inner?.layer.kind !== 'ip') return;
    const isCapable = ((inner.layer.tos ?? 0) & CONGESTION_EXPERIENCED) !== 0;
    const metCongestion = ((outer.tos ?? 0) & CONGESTION_EXPERIENCED) === CONGESTION_EXPERIENCED;
    if (metCongestion && !isCapable) return;
    this.#arrived(bytes.subarray(0, inner.layer.totalLength ?? 0), TUNNEL_DEVICE);
  }

  #control({ source = '', destination = '', tos = 0 }: LayerOf<'ip'>, [message, ...quote]: readonly Layer[]): void {
    if (message?.kind !== 'icmp') return;
    if (message.type === ICMP_TYPE.echoRequest) {
      const { rest = 0 } = message;
      this.send({ source: destination, destination: source, df: false, tos }, [icmp({ type: 0, rest }), ...quote]);
    }
    const [quoted] = quote;
    const isTooLarge = message.type === ICMP_TYPE.unreachable && message.code === UNREACHABLE.fragmentationNeeded;
    if (isTooLarge && quoted?.kind === 'ip' && this.addresses.isServed(quoted.source ?? '')) {
      this.#learnPathMtu(quoted.destination ?? '', (message.rest ?? 0) & 0xffff);
    }
  }

  #learnPathMtu(address: string, reported: number): void {
    const mtu = Math.max(reported, SMALLEST_PATH_MTU);
    if (mtu >= this.pathMtu(address)) return;
    this.#pathMtus.set(address, mtu);
    this.#options.clock.schedule(PATH_MTU_LIFE, () => this.#pathMtus.delete(address));
    this.#options.pathMtuFell(address, mtu);
  }
}
