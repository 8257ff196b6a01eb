import type { Environment } from '../../reference/environment.ts';
import { InternalFault } from '../../reference/errors.ts';
import { PROFILES, type Profile } from '../../reference/profile.ts';
import { type Layer, arp, ethernet } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import {
  ConfigurationRefused,
  type Feature,
  type FrameReceiver,
  type Session,
  type Target,
} from '../targets/target.ts';

/** What a {@link FakeTarget} does wrong, for the tests of the harness. */
export type Fault =
  | 'none'
  | 'does not start'
  | 'accepts everything'
  | 'refuses everything'
  | 'hangs in settle'
  | 'hangs in open'
  | 'throws in send'
  | 'loses a frame'
  | 'drops'
  | 'keeps the TTL'
  | 'wrong port'
  | 'stale checksum'
  | 'other window'
  | 'sends twice'
  | 'silent to ARP'
  | 'asks for ever';

export interface FakeOptions {
  readonly id?: string;
  readonly fault?: Fault;
  readonly features?: readonly Feature[];
  readonly concurrency?: number;
  readonly profile?: Profile;
}

const CLIENT_PORT = 0;
const SERVER_PORT = 1;
const CLIENT = { mac: '02:00:00:00:00:c2', address: '10.0.0.2' };
const SERVER = { mac: '02:00:00:00:00:11', address: '192.168.1.11', port: 8080 };
const VIRTUAL = { address: '10.0.0.100', port: 80 };

/** A director of a few lines that knows one service, 10.0.0.100:80 on 192.168.1.11:8080 by NAT, and can be told to go wrong. */
export class FakeTarget implements Target {
  readonly id: string;
  readonly description = 'a fake';
  readonly version = '1';
  readonly features: ReadonlySet<Feature>;
  readonly profile: Profile;
  readonly concurrency: number;
  readonly fault: Fault;
  openSessions = 0;
  openedSessions = 0;
  isRunning = false;

  constructor({
    id = 'fake',
    fault = 'none',
    features = ['nat', 'tcp', 'scheduler.rr'],
    concurrency = 2,
    profile = PROFILES.linux,
  }: FakeOptions = {}) {
    this.id = id;
    this.fault = fault;
    this.features = new Set(features);
    this.concurrency = concurrency;
    this.profile = profile;
  }

  start(): Promise<void> {
    if (this.fault === 'does not start') return Promise.reject(new InternalFault('no fuel'));
    this.isRunning = true;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.isRunning = false;
    return Promise.resolve();
  }

  open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    this.openSessions++;
    this.openedSessions++;
    // The first session is the probe's.
    if (this.fault === 'hangs in open' && this.openedSessions > 1) return new Promise(() => undefined);
    return Promise.resolve(new FakeSession(this, environment, receiver));
  }
}

class FakeSession implements Session {
  readonly #target: FakeTarget;
  readonly #environment: Environment;
  readonly #receiver: FrameReceiver;

  constructor(target: FakeTarget, environment: Environment, receiver: FrameReceiver) {
    this.#target = target;
    this.#environment = environment;
    this.#receiver = receiver;
  }

  configure(commands: readonly string[]): Promise<void> {
    const { fault } = this.#target;
    const isBogus = commands.some((command) => command.includes('nosuch'));
    if (fault === 'refuses everything' || (isBogus && fault !== 'accepts everything'))
      return Promise.reject(new ConfigurationRefused('no such thing'));
    return Promise.resolve();
  }

  send(port: number, frame: Uint8Array): void {
    if (this.#target.fault === 'throws in send') throw new TypeError('cannot read what is not there');
    const [, second, third, ...rest] = dissect(frame).map(({ layer }) => layer);
    if (second?.kind === 'arp' && second.operation === 1) this.#answer(port, second);
    if (second?.kind === 'arp' && this.#target.fault === 'asks for ever') this.#ask(port);
    if (second?.kind === 'ip' && third?.kind === 'tcp') this.#forward(port, second, third, rest);
  }

  settle(): Promise<void> {
    return this.#target.fault === 'hangs in settle' ? new Promise(() => undefined) : Promise.resolve();
  }

  close(): Promise<void> {
    this.#target.openSessions--;
    // The first session is the probe's.
    if (this.#target.fault === 'loses a frame' && this.#target.openedSessions > 1)
      return Promise.reject(new InternalFault('a frame was lost'));
    return Promise.resolve();
  }

  #answer(
    port: number,
    { senderMac = '', senderAddress = '', targetAddress = '' }: Extract<Layer, { kind: 'arp' }>,
  ): void {
    const { ports, virtualAddresses } = this.#environment;
    const mac = ports[port]?.mac ?? '';
    const isOwn =
      virtualAddresses.includes(targetAddress) || ports[port]?.addresses.includes(`${targetAddress}/24`) === true;
    if (!isOwn || this.#target.fault === 'silent to ARP') return;
    const answer = arp({
      operation: 2,
      senderMac: mac,
      senderAddress: targetAddress,
      targetMac: senderMac,
      targetAddress: senderAddress,
    });
    this.#receiver(port, buildPacket([ethernet({ source: mac, destination: senderMac }), answer]));
  }

  #ask(port: number): void {
    const mac = this.#environment.ports[port]?.mac ?? '';
    const question = arp({ operation: 1, senderMac: mac, senderAddress: '10.0.0.1', targetAddress: CLIENT.address });
    this.#receiver(port, buildPacket([ethernet({ source: mac, destination: 'ff:ff:ff:ff:ff:ff' }), question]));
  }

  #forward(
    port: number,
    header: Extract<Layer, { kind: 'ip' }>,
    segment: Extract<Layer, { kind: 'tcp' }>,
    rest: readonly Layer[],
  ): void {
    const { fault } = this.#target;
    if (fault === 'drops') return;
    const isRequest = port === CLIENT_PORT;
    const out = isRequest ? SERVER_PORT : CLIENT_PORT;
    const { checksum: ipChecksum, ttl = 64, ...ipFields } = header;
    const { checksum: tcpChecksum = 0, ...tcpFields } = segment;
    if (ipChecksum === undefined) return;
    const target = isRequest ? SERVER : CLIENT;
    const frame = buildPacket([
      ethernet({ source: this.#environment.ports[out]?.mac ?? '', destination: target.mac }),
      {
        ...ipFields,
        ttl: fault === 'keeps the TTL' ? ttl : ttl - 1,
        ...(isRequest ? { destination: SERVER.address } : { source: VIRTUAL.address }),
      },
      {
        ...tcpFields,
        ...(isRequest
          ? { destinationPort: fault === 'wrong port' ? 8081 : SERVER.port }
          : { sourcePort: VIRTUAL.port }),
        ...(fault === 'stale checksum' ? { checksum: tcpChecksum } : {}),
        ...(fault === 'other window' ? { window: 1 } : {}),
      },
      ...rest,
    ]);
    this.#receiver(out, frame);
    if (fault === 'sends twice') this.#receiver(out, frame);
  }
}
