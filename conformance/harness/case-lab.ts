import { isDeepStrictEqual } from 'node:util';
import type { Environment, PortConfiguration } from '../../reference/environment.ts';
import { InternalFault } from '../../reference/errors.ts';
import type { Profile } from '../../reference/profile.ts';
import { ConfigurationRefused, type Feature, type StatisticsFile } from '../targets/target.ts';
import { Conversation } from './conversation.ts';
import { deviation } from './deviations.ts';
import type { TemplateLayer } from './expectation.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import { featuresOfCommands } from './features-of-commands.ts';
import { findReceiver } from './find-receiver.ts';
import type { Flow, FlowOptions } from './flow.ts';
import type { Attachment, ConnectionRow, Host, Lab, OriginRow, Packet, ServiceRow } from './lab.ts';
import type { Network } from './network.ts';
import { parseConnections, parseOrigins, parseServices } from './parse-listings.ts';
import { SimulatedHost } from './simulated-host.ts';

const CLIENT_WIRE = 0;
const SERVER_WIRE = 1;
/** Where directors tell each other of their connections (kernel `ip_vs_sync.c:IP_VS_SYNC_GROUP`). */
const SYNC_GROUP = '224.0.0.81';

/** Longer waits need a clock that can be moved: nobody wants to sit through them. In seconds. */
const LONGEST_REAL_WAIT = 3;

/** The lab of one case on one target. */
export class CaseLab implements Lab {
  readonly vip = '10.0.0.100';
  readonly vip6 = '2001:db8:0:1::100';
  readonly client: Host;
  readonly otherClient: Host;
  readonly gateway: Host;
  readonly servers: readonly [Host, Host, Host, Host];
  readonly router: Host;
  readonly peer: Host;
  readonly director: { readonly client: Attachment; readonly server: Attachment };
  readonly profile: Profile;
  readonly #network: Network;
  readonly #needs: ReadonlySet<Feature>;

  /** @param needs what the case says it needs: the lab refuses what was not announced, on every target alike. */
  constructor(environment: Environment, needs: ReadonlySet<Feature>, network: Network, profile: Profile) {
    this.profile = profile;
    this.#network = network;
    this.#needs = needs;
    this.director = { client: attachment(environment, CLIENT_WIRE), server: attachment(environment, SERVER_WIRE) };
    const outside = { port: CLIENT_WIRE, gateway: this.director.client };
    const inside = { port: SERVER_WIRE, gateway: this.director.server };
    this.client = new SimulatedHost(
      { name: 'client', mac: '02:00:00:00:00:c2', address: '10.0.0.2', address6: '2001:db8:0:1::2', ...outside },
      network,
    );
    this.otherClient = new SimulatedHost(
      { name: 'other client', mac: '02:00:00:00:00:c3', address: '10.0.0.3', address6: '2001:db8:0:1::3', ...outside },
      network,
    );
    this.gateway = new SimulatedHost(
      { name: 'gateway', mac: '02:00:00:00:00:cf', address: '10.0.0.254', address6: '2001:db8:0:1::fe', ...outside },
      network,
    );
    const server = (number: number) =>
      new SimulatedHost(
        {
          name: `server ${number}`,
          mac: `02:00:00:00:00:1${number}`,
          address: `192.168.1.1${number}`,
          address6: `2001:db8:0:2::1${number}`,
          ...inside,
        },
        network,
      );
    this.servers = [server(1), server(2), server(3), server(4)];
    this.router = new SimulatedHost(
      { name: 'router', mac: '02:00:00:00:00:5f', address: '192.168.1.254', address6: '2001:db8:0:2::fe', ...inside },
      network,
    );
    this.peer = new SimulatedHost(
      { name: 'peer', mac: '02:00:00:00:00:d2', address: '192.168.1.2', address6: '2001:db8:0:2::2', ...inside },
      network,
    );
    this.peer.joins(SYNC_GROUP);
  }

  async replaceDirector(): Promise<void> {
    await this.#network.replaceDirector();
  }

  flow(options: FlowOptions = {}): Flow {
    return new Conversation(this, this.#network, options);
  }

  async configure(...commands: readonly string[]): Promise<void> {
    for (const feature of featuresOfCommands(commands)) this.#announced(feature);
    try {
      await this.#network.session.configure(commands);
    } catch (error) {
      if (!(error instanceof ConfigurationRefused)) throw error;
      throw new ExpectationFailed([
        'the director should accept',
        ...commands.map((command) => `  ${command}`),
        `refused: ${error.message}`,
      ]);
    }
  }

  async refuses(command: string): Promise<void> {
    try {
      await this.#network.session.configure([command]);
    } catch (error) {
      if (error instanceof ConfigurationRefused) return;
      throw error;
    }
    throw new ExpectationFailed([`the director should refuse`, `  ${command}`, 'accepted']);
  }

  async sysctl(name: string, value: string): Promise<void> {
    const { session } = this.#network;
    if (session.setSysctl === undefined) throw this.#missing('sysctl');
    this.#announced('sysctl');
    await session.setSysctl(name, value);
  }

  async wait(seconds: number): Promise<void> {
    if (seconds > LONGEST_REAL_WAIT) this.#announced('clock');
    await this.#network.advance(seconds);
  }

  async connections(): Promise<readonly ConnectionRow[]> {
    const rows = parseConnections(await this.connectionsText());
    this.#network.observations.connections(rows);
    return rows;
  }

  async origins(): Promise<readonly OriginRow[]> {
    return parseOrigins(await this.originsText());
  }

  async services(): Promise<readonly ServiceRow[]> {
    return parseServices(await this.servicesText());
  }

  async connectionsText(): Promise<string> {
    const { session } = this.#network;
    if (session.connections === undefined) throw this.#missing('connections');
    this.#announced('connections');
    return session.connections();
  }

  async originsText(): Promise<string> {
    const { session } = this.#network;
    if (session.origins === undefined) throw this.#missing('synchronisation');
    this.#announced('synchronisation');
    return session.origins();
  }

  async servicesText(): Promise<string> {
    const { session } = this.#network;
    if (session.services === undefined) throw this.#missing('services');
    this.#announced('services');
    return session.services();
  }

  async list(command: string): Promise<string> {
    const { session } = this.#network;
    if (session.list === undefined) throw this.#missing('listings');
    this.#announced('listings');
    return session.list(command);
  }

  async statisticsText(file: StatisticsFile = 'ip_vs_stats'): Promise<string> {
    const { session } = this.#network;
    if (session.statistics === undefined) throw this.#missing('statistics');
    this.#announced('statistics');
    return session.statistics(file);
  }

  nothingElse(): void {
    const { unexpected } = this.#network;
    if (unexpected.length === 0) return;
    throw new ExpectationFailed(['nobody should get anything else', ...this.#network.describe(unexpected)]);
  }

  equal<T>(what: string, actual: T, required: T, deviates?: { readonly id: string; readonly value: T }): void {
    if (deviates !== undefined) deviation(deviates.id);
    this.#network.observations.check(what, show(required), show(actual));
    if (isDeepStrictEqual(actual, required)) return;
    if (deviates !== undefined && isDeepStrictEqual(actual, deviates.value)) {
      this.#network.deviations.add(deviates.id);
      return;
    }
    const allowed = deviates === undefined ? '' : ` (or ${show(deviates.value)}: ${deviates.id})`;
    throw new ExpectationFailed([`${what}: expected ${show(required)}${allowed}`, `observed ${show(actual)}`]);
  }

  within(what: string, actual: number, low: number, high: number): void {
    this.#network.observations.check(what, `${low} to ${high}`, show(actual));
    if (actual >= low && actual <= high) return;
    throw new ExpectationFailed([`${what}: expected ${low} to ${high}`, `observed ${actual}`]);
  }

  oneOf(hosts: readonly Host[], template: readonly TemplateLayer[]): { readonly host: Host; readonly packet: Packet } {
    const host = findReceiver(hosts, this.#network, template);
    return { host, packet: host.receives(...template) };
  }

  /** A case that does not say what it needs would go wrong on the first target that lacks it: better at once. */
  #announced(feature: Feature): void {
    if (!this.#needs.has(feature)) throw new InternalFault(`the case must say that it needs '${feature}'`);
  }

  #missing(feature: Feature): InternalFault {
    this.#announced(feature);
    return new InternalFault(`the target says it has '${feature}', but its session has not`);
  }
}

function attachment({ ports }: Environment, wire: number): Attachment {
  const port = ports[wire];
  const [address6 = '::'] = hostAddresses(port, true);
  const [address] = hostAddresses(port, false);
  if (port === undefined || address === undefined)
    throw new InternalFault(`the lab needs a director with an address on port ${wire}`);
  return { mac: port.mac, address, address6 };
}

function hostAddresses(port: PortConfiguration | undefined, ofIpv6: boolean): readonly string[] {
  const addresses = port?.addresses.map((address) => address.replace(/\/.*/, '')) ?? [];
  return addresses.filter((address) => address.includes(':') === ofIpv6);
}

const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
