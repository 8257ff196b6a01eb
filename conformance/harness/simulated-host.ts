import { InternalFault } from '../../reference/errors.ts';
import { type ArpFields, type EthernetFields, type Layer, arp, ethernet } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import type { FrameSession } from '../targets/target.ts';
import { describeFrame } from './describe-frame.ts';
import { describeTemplate } from './describe-template.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import type { Host, Packet } from './lab.ts';
import { describeDifference, matchPacket } from './match-packet.ts';
import type { Network } from './network.ts';
import type { FrameRecord } from './wire-recorder.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const UNKNOWN_MAC = '00:00:00:00:00:00';
const REQUEST = 1;
const REPLY = 2;

export interface HostOptions {
  readonly name: string;
  readonly port: number;
  readonly mac: string;
  readonly address: string;
  /** Next hop for every destination outside the host's /24. */
  readonly gateway: string;
}

/** A host on a wire. ARP goes by itself (RFC 826); every other packet waits in an inbox until the case asks for it. */
export class SimulatedHost implements Host {
  readonly name: string;
  readonly port: number;
  readonly mac: string;
  readonly address: string;
  readonly #gateway: string;
  readonly #network: Network<FrameSession>;
  readonly #addresses: Set<string>;
  readonly #neighbours = new Map<string, string>();
  #inbox: FrameRecord[] = [];
  #arps: FrameRecord[] = [];
  #silent = false;

  constructor(options: HostOptions, network: Network<FrameSession>) {
    this.name = options.name;
    this.port = options.port;
    this.mac = options.mac;
    this.address = options.address;
    this.#gateway = options.gateway;
    this.#addresses = new Set([options.address]);
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
    if (isArpTemplate(template)) return this.#receivesArp(template);
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
    const unwanted = this.#arps.find((record) => matchPacket(template, packetOf(record)).differences.length === 0);
    if (unwanted === undefined) return;
    throw new ExpectationFailed([
      `${this.name} should get no ${describeTemplate(template)}`,
      `came: ${describeFrame(unwanted.bytes)}`,
    ]);
  }

  async arps(address: string): Promise<string | undefined> {
    this.#neighbours.delete(address);
    const question = arp({
      operation: REQUEST,
      senderMac: this.mac,
      senderAddress: this.address,
      targetAddress: address,
    });
    await this.sends(question);
    return this.#neighbours.get(address);
  }

  owns(address: string): void {
    this.#addresses.add(address);
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
    if (!record.isArp) {
      this.#inbox.push(record);
      return;
    }
    this.#arps.push(record);
    const message = arpOf(record.bytes);
    if (message?.targetAddress === undefined || !this.#addresses.has(message.targetAddress)) return;
    const { operation, senderAddress, senderMac, targetAddress } = message;
    if (senderAddress === undefined || senderMac === undefined) return;
    // RFC 826, packet reception: the target learns the sender's address from requests and replies alike.
    this.#neighbours.set(senderAddress, senderMac);
    if (operation !== REQUEST || this.#silent) return;
    const answer = {
      operation: REPLY,
      senderMac: this.mac,
      senderAddress: targetAddress,
      targetMac: senderMac,
      targetAddress: senderAddress,
    };
    this.#network.answer(this.port, buildPacket([ethernet({ destination: senderMac, source: this.mac }), arp(answer)]));
  }

  #receivesArp(template: readonly TemplateLayer[]): Packet {
    for (const [index, record] of this.#arps.entries()) {
      const packet = packetOf(record);
      const match = matchPacket(template, packet);
      if (match.differences.length > 0) continue;
      record.judgement = { template, match };
      this.#arps.splice(index, 1);
      for (const id of match.deviations) this.#network.deviations.add(id);
      return packet;
    }
    throw new ExpectationFailed([
      `${this.name} should get ${describeTemplate(template)}`,
      ...(this.#arps.length === 0 ? ['no ARP came'] : this.#network.describe(this.#arps)),
    ]);
  }

  #elsewhere(): readonly string[] {
    const others = this.#network.describe(this.#network.unexpected);
    return others.map((line) => `elsewhere: ${line}`);
  }

  async #build(layers: readonly Layer[]): Promise<Uint8Array> {
    const [first] = layers;
    if (first?.kind !== 'ethernet' && first?.kind !== 'ip' && first?.kind !== 'arp') {
      throw new InternalFault(
        `${this.name} cannot send a packet that begins with ${first?.kind ?? 'nothing'}: begin with ip, arp or ethernet`,
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
    if (layer.kind === 'arp') {
      return { senderMac: this.mac, senderAddress: this.address, targetMac: UNKNOWN_MAC, ...layer };
    }
    return layer;
  }

  async #hardwareDestination([first]: readonly Layer[]): Promise<string> {
    if (first?.kind === 'arp') return first.operation === REPLY ? (first.targetMac ?? BROADCAST) : BROADCAST;
    if (first?.kind !== 'ip' || first.destination === undefined) {
      throw new InternalFault(`${this.name} cannot tell where to send this: give ip a destination, or ethernet`);
    }
    const nextHop = network24(first.destination) === network24(this.address) ? first.destination : this.#gateway;
    const known = this.#neighbours.get(nextHop) ?? this.#neighbourOnWire(nextHop);
    if (known !== undefined) return known;
    const learnt = await this.arps(nextHop);
    if (learnt === undefined) {
      throw new ExpectationFailed([
        `${this.name} asked by ARP who has ${nextHop}`,
        'nobody answered',
        ...this.#elsewhere(),
      ]);
    }
    return learnt;
  }

  #neighbourOnWire(address: string): string | undefined {
    return this.#network.hosts.find((host) => host.port === this.port && host.#addresses.has(address))?.mac;
  }
}

/** Every wire of the lab is a /24. */
const network24 = (address: string) => address.slice(0, address.lastIndexOf('.'));

const isArpTemplate = (template: readonly TemplateLayer[]) =>
  template[0]?.kind === 'arp' || template[1]?.kind === 'arp';

function packetOf(record: FrameRecord): Packet {
  return { bytes: record.bytes, layers: dissect(record.bytes) };
}

function arpOf(bytes: Uint8Array): ArpFields | undefined {
  const layer = dissect(bytes)[1]?.layer;
  return layer?.kind === 'arp' ? layer : undefined;
}
