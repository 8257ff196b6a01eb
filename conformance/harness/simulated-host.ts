import { InternalFault } from '../../reference/errors.ts';
import { formatMac, multicastMac, parseIpv4 } from '../../reference/wire/address.ts';
import { formatIpv6, multicastMacOf, parseIpv6 } from '../../reference/wire/ipv6-address.ts';
import { type EthernetFields, type Layer, ethernet } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import type { FrameSession } from '../targets/target.ts';
import { describeFrame } from './describe-frame.ts';
import { describeTemplate } from './describe-template.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import type { Host, Packet } from './lab.ts';
import { describeDifference, matchPacket } from './match-packet.ts';
import type { Network } from './network.ts';
import { answerTo, questionFor, resolutionMessage } from './resolution-messages.ts';
import type { FrameRecord } from './wire-recorder.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NO_ADDRESS = '::';
const UNKNOWN_MAC = '00:00:00:00:00:00';
const REPLY = 2;

interface Gateway {
  readonly address: string;
  readonly address6?: string;
}

export interface HostOptions {
  readonly name: string;
  readonly port: number;
  readonly mac: string;
  readonly address: string;
  /** Default `::`: the host has none. */
  readonly address6?: string;
  /** Next hop for every destination outside the host's /24 or /64. */
  readonly gateway: Gateway;
}

/**
 * A host on a wire. ARP (RFC 826) and neighbour discovery (RFC 4861) go by themselves; every other packet waits in an inbox until the case
 * asks for it.
 */
export class SimulatedHost implements Host {
  readonly name: string;
  readonly port: number;
  readonly mac: string;
  readonly address: string;
  readonly address6: string;
  readonly #gateway: Gateway;
  readonly #network: Network<FrameSession>;
  readonly #addresses: Set<string>;
  readonly #groups = new Set<string>();
  readonly #neighbours = new Map<string, string>();
  #inbox: FrameRecord[] = [];
  #resolutions: FrameRecord[] = [];
  #silent = false;

  constructor(options: HostOptions, network: Network<FrameSession>) {
    this.name = options.name;
    this.port = options.port;
    this.mac = options.mac;
    this.address = options.address;
    this.address6 = options.address6 ?? NO_ADDRESS;
    this.#gateway = options.gateway;
    this.#addresses = new Set([this.address, this.address6]);
    this.#network = network;
    network.attach(this);
  }

  async sends(...layers: readonly Layer[]): Promise<void> {
    await this.sendsTogether([layers]);
  }

  async sendsTogether(packets: readonly (readonly Layer[])[]): Promise<void> {
    const frames: Uint8Array[] = [];
    for (const layers of packets) frames.push(await this.#build(layers));
    for (const frame of frames) this.#network.transmit(this.port, frame);
    await this.#network.deliver();
  }

  receives(...template: readonly TemplateLayer[]): Packet {
    if (isResolutionTemplate(template)) return this.#receivesResolution(template);
    const record = this.#inbox.shift();
    if (record === undefined) {
      throw new ExpectationFailed([
        `${this.name} should get ${describeTemplate(template)}`,
        'nothing came',
        ...this.#elsewhere(),
      ]);
    }
    const packet = packetOf(record);
    const match = matchPacket(template, packet);
    record.judgement = { template, match };
    this.#network.expected(record);
    if (match.differences.length > 0) {
      throw new ExpectationFailed([
        `${this.name} should get ${describeTemplate(template)}`,
        `came: ${describeFrame(record.bytes)}`,
        ...match.differences.map((difference) => `  ${describeDifference(difference)}`),
        ...this.#elsewhere(),
      ]);
    }
    for (const id of match.deviations) this.#network.deviations.add(id);
    return packet;
  }

  receivesNothing(): void {
    if (this.#inbox.length === 0) return;
    throw new ExpectationFailed([`${this.name} should get nothing`, ...this.#network.describe(this.#inbox)]);
  }

  receivesNoArp(...template: readonly TemplateLayer[]): void {
    const unwanted = this.#resolutions.find(
      (record) => matchPacket(template, packetOf(record)).differences.length === 0,
    );
    if (unwanted === undefined) return;
    throw new ExpectationFailed([
      `${this.name} should get no ${describeTemplate(template)}`,
      `came: ${describeFrame(unwanted.bytes)}`,
    ]);
  }

  async arps(address: string): Promise<string | undefined> {
    this.#neighbours.delete(address);
    await this.sends(...questionFor(address, this));
    return this.#neighbours.get(address);
  }

  owns(address: string): void {
    this.#addresses.add(address);
  }

  joins(group: string): void {
    this.#groups.add(formatMac(multicastMac(parseIpv4(group))));
  }

  /** Whether frames with this destination MAC are for the host. */
  takes(mac: string): boolean {
    return mac === this.mac || this.#groups.has(mac);
  }

  silent(): void {
    this.#silent = true;
  }

  /** Whether a packet waits to be asked about. */
  get hasPacket(): boolean {
    return this.#inbox.length > 0;
  }

  /** A frame of the director for this host. */
  arrives(record: FrameRecord): void {
    if (!record.isResolution) {
      this.#inbox.push(record);
      return;
    }
    this.#resolutions.push(record);
    const message = resolutionMessage(record.bytes);
    if (message === undefined || (message.to !== undefined && !this.#addresses.has(message.to))) return;
    if (message.from !== undefined) this.#neighbours.set(message.from.address, message.from.mac);
    if (message.isQuestion && !this.#silent) {
      this.#network.answer(this.port, buildPacket(answerTo(message, this.mac)));
    }
  }

  #receivesResolution(template: readonly TemplateLayer[]): Packet {
    for (const [index, record] of this.#resolutions.entries()) {
      const packet = packetOf(record);
      const match = matchPacket(template, packet);
      if (match.differences.length > 0) continue;
      record.judgement = { template, match };
      this.#resolutions.splice(index, 1);
      for (const id of match.deviations) this.#network.deviations.add(id);
      return packet;
    }
    throw new ExpectationFailed([
      `${this.name} should get ${describeTemplate(template)}`,
      ...(this.#resolutions.length === 0 ? ['no such message came'] : this.#network.describe(this.#resolutions)),
    ]);
  }

  #elsewhere(): readonly string[] {
    const others = this.#network.describe(this.#network.unexpected);
    return others.map((line) => `elsewhere: ${line}`);
  }

  async #build(layers: readonly Layer[]): Promise<Uint8Array> {
    const [first] = layers;
    if (first?.kind !== 'ethernet' && first?.kind !== 'ip' && first?.kind !== 'ip6' && first?.kind !== 'arp') {
      throw new InternalFault(
        `${this.name} cannot send a packet that begins with ${first?.kind ?? 'nothing'}: begin with ip, ip6, arp or ethernet`,
      );
    }
    const frame: EthernetFields = first.kind === 'ethernet' ? first : {};
    const [outermost, ...inner] = first.kind === 'ethernet' ? layers.slice(1) : layers;
    const contents = outermost === undefined ? [] : [this.#asOwn(outermost), ...inner];
    const destination = frame.destination ?? (await this.#hardwareDestination(contents));
    return buildPacket([ethernet({ source: this.mac, ...frame, destination }), ...contents]);
  }

  /** Who it is from, where the case does not say. */
  #asOwn(layer: Layer): Layer {
    if (layer.kind === 'ip') return { source: this.address, ...layer };
    if (layer.kind === 'ip6') return { source: this.address6, ...layer };
    if (layer.kind === 'arp') {
      return { senderMac: this.mac, senderAddress: this.address, targetMac: UNKNOWN_MAC, ...layer };
    }
    return layer;
  }

  async #hardwareDestination([first]: readonly Layer[]): Promise<string> {
    if (first?.kind === 'arp') return first.operation === REPLY ? (first.targetMac ?? BROADCAST) : BROADCAST;
    if ((first?.kind !== 'ip' && first?.kind !== 'ip6') || first.destination === undefined) {
      throw new InternalFault(`${this.name} cannot tell where to send this: give ip a destination, or ethernet`);
    }
    const { kind, destination } = first;
    if (kind === 'ip6' && destination.startsWith('ff')) return formatMac(multicastMacOf(parseIpv6(destination)));
    const nextHop = kind === 'ip' ? this.#nextHop(destination) : this.#nextHop6(parseIpv6(destination));
    const known = this.#neighbours.get(nextHop) ?? this.#neighbourOnWire(nextHop);
    if (known !== undefined) return known;
    const learnt = await this.arps(nextHop);
    if (learnt === undefined) {
      throw new ExpectationFailed([`${this.name} asked who has ${nextHop}`, 'nobody answered', ...this.#elsewhere()]);
    }
    return learnt;
  }

  #nextHop(destination: string): string {
    return network24(destination) === network24(this.address) ? destination : this.#gateway.address;
  }

  #nextHop6(destination: bigint): string {
    const isOnLink = destination >> 64n === parseIpv6(this.address6) >> 64n;
    return isOnLink ? formatIpv6(destination) : (this.#gateway.address6 ?? NO_ADDRESS);
  }

  #neighbourOnWire(address: string): string | undefined {
    return this.#network.hosts.find((host) => host.port === this.port && host.#addresses.has(address))?.mac;
  }
}

/** Every wire of the lab is a /24, and a /64. */
const network24 = (address: string) => address.slice(0, address.lastIndexOf('.'));

const isResolutionTemplate = (template: readonly TemplateLayer[]) =>
  template.some(({ kind }) => kind === 'arp' || kind === 'neighbour');

function packetOf(record: FrameRecord): Packet {
  return { bytes: record.bytes, layers: dissect(record.bytes) };
}
