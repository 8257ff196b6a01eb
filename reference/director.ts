import { isServiceCommand, type Command, type Tunnel } from './administration/command.ts';
import { Estimator } from './administration/estimator.ts';
import type { ConnectionRow } from './administration/listing.ts';
import { Listings } from './administration/listings.ts';
import { parseCommand } from './administration/parse-command.ts';
import { parseQuery } from './administration/parse-query.ts';
import { ServiceTable } from './administration/service-table.ts';
import { Settings } from './administration/settings.ts';
import { Ftp } from './applications/ftp.ts';
import { Clock } from './clock.ts';
import { ConnectionTracker } from './connections/connection-tracker.ts';
import { compileTcpTables } from './connections/tcp-states.ts';
import { Templates } from './connections/templates.ts';
import { TCP_TABLES } from './connections/tcp-tables.ts';
import { Timeouts } from './connections/timeouts.ts';
import { Defence } from './defence.ts';
import type { Environment } from './environment.ts';
import { Forwarder } from './forwarding/forwarder.ts';
import { Routes } from './forwarding/routes.ts';
import { Ipvs } from './ipvs.ts';
import { Network } from './network.ts';
import type { Profile } from './profile.ts';
import { Random } from './random.ts';
import { SyncDaemons } from './synchronisation/sync-daemons.ts';

/** Milliseconds: the kernel leaves the work to a queue that runs a tick later, so a server may come back at once (ip_vs_ctl.c:__ip_vs_del_dest). */
const TICK = 4;
/** Milliseconds that may pass at once while other directors are told what becomes of connections. */
const STEP = 1000;

export interface DirectorOptions {
  readonly environment: Environment;
  /** Whose timeouts and choices apply: `PROFILES.linux`, `PROFILES.paper`, or `linuxProfile` of a kernel's version. */
  readonly profile: Profile;
  /** Gets every frame that the director sends. The frame is valid only during the call: copy what you keep. */
  readonly transmit: (port: number, frame: Uint8Array) => void;
  /** For what is left to chance (scheduler twos, `drop_entry`): the same seed, the same choices. Default 1. */
  readonly seed?: number;
}

/**
 * The reference director: a Linux Virtual Server as a pure machine. Frames and time go in, frames come out; the same input gives the
 * same output. It does no input or output of its own and never waits.
 *
 * ```ts
 * const director = new Director({ environment, profile: PROFILES.linux, transmit: (port, frame) => … });
 * director.administer('-A -t 10.0.0.100:80 -s rr');
 * director.administer('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m');
 * director.receive(0, frame);
 * director.advance(60_000);
 * ```
 */
export class Director {
  readonly #clock = new Clock();
  readonly #settings: Settings;
  readonly #services: ServiceTable;
  readonly #timeouts: Timeouts;
  readonly #tracker: ConnectionTracker;
  readonly #listings: Listings;
  readonly #estimator: Estimator;
  readonly #network: Network;
  readonly #defence: Defence;
  readonly #synchronisation: SyncDaemons;
  #isReceiving = false;
  readonly #arrived: { readonly port: number; readonly frame: Uint8Array }[] = [];

  /** @throws MalformedInput for an address, MAC or setting in the environment that is none */
  constructor({ environment, profile, transmit, seed = 1 }: DirectorOptions) {
    const settings = new Settings(profile.missingSettings);
    this.#settings = settings;
    for (const [name, value] of Object.entries(environment.sysctls)) settings.set(name, value);
    const clock = this.#clock;
    const routes = new Routes(environment, clock);
    const random = new Random(seed);
    const services = new ServiceTable(profile.accounting, routes.ipv4.broadcastAddresses, {
      now: () => clock.now,
      expiration: (scheduler) => settings.get(`vs.${scheduler}_expiration`),
      random: (limit) => random.below(limit),
    });
    this.#services = services;
    this.#timeouts = new Timeouts(profile.tcp);
    const tcp = compileTcpTables(TCP_TABLES[profile.tcp]);
    const tracker = new ConnectionTracker({ clock, services, tcp, timeouts: this.#timeouts });
    this.#tracker = tracker;
    const templates = new Templates(tracker, settings, profile);
    this.#listings = new Listings({
      profile,
      clock,
      services,
      tracker,
      templates,
      timeouts: this.#timeouts,
      daemons: () => this.#synchronisation.configurations,
    });
    this.#defence = new Defence({ settings, tracker, random });
    this.#estimator = new Estimator(
      () => services.statistics(),
      () => settings.get('vs.run_estimation') !== 0,
    );
    const connections = tracker.table;
    const tunnelOf = (connection: number): Tunnel | undefined => tracker.server(connection)?.tunnel;
    const ftp = new Ftp(tracker, profile, settings);
    this.#synchronisation = new SyncDaemons({
      profile,
      settings,
      services,
      tracker,
      timeouts: this.#timeouts,
      ftp,
      clock,
      ports: environment.ports,
      multicast: () => this.#network.multicast,
    });
    const synchronisation = this.#synchronisation;
    const balancing = { profile, settings, services, tracker, templates, ftp, synchronisation };
    const balancer = (network: Network): Ipvs => {
      const { output, errors } = network;
      const nextId = (): number => network.nextId();
      const forwarder = new Forwarder({ profile, settings, connections, routes, output, errors, nextId, tunnelOf });
      return new Ipvs({ ...balancing, defence: this.#defence, forwarder, routes, output, errors });
    };
    this.#network = new Network({ environment, profile, clock, settings, routes, transmit, balancer });
  }

  /** Milliseconds since the director was made. */
  get now(): number {
    return this.#clock.now;
  }

  /**
   * A frame arrives on a port (its index in {@link Environment.ports}), from the destination MAC to the end of the payload, without check
   * sequence. The frame is read during the call only. All that follows from it at once is
   * transmitted before the call returns. Frames that are none of the director's business, and broken ones, are dropped as a host does.
   * A frame that arrives while another is at work, because `transmit` answered at once, has its turn after that one.
   */
  receive(port: number, frame: Uint8Array): void {
    if (this.#isReceiving) {
      this.#arrived.push({ port, frame: frame.slice() });
      return;
    }
    this.#isReceiving = true;
    try {
      this.#network.receive(port, frame);
      for (let next = this.#arrived.shift(); next !== undefined; next = this.#arrived.shift()) {
        this.#network.receive(next.port, next.frame);
      }
    } finally {
      this.#isReceiving = false;
    }
  }

  /**
   * Lets time pass: timers fire in order, each at its instant, and what they cause is transmitted. No other clock moves the director.
   *
   * @throws MalformedInput for a time that is negative or no number
   */
  advance(milliseconds: number): void {
    let left = milliseconds;
    // Connections end with the step in which they are due; what is told of them then counts from there.
    for (; this.#synchronisation.tellsOthers && left > STEP && left < Infinity; left -= STEP) this.#pass(STEP);
    this.#pass(left);
  }

  #pass(milliseconds: number): void {
    this.#clock.advance(milliseconds, (now) => {
      this.#estimator.pass(now);
      this.#defence.pass(now);
      this.#tracker.expire();
    });
  }

  /**
   * The instant (ms, as {@link now}) before which no timer is due; Infinity where none runs. Whoever drives the director by real time
   * may sleep until then. Woken up, it may turn out that a timer was put off meanwhile: at most once a second.
   */
  get nextDue(): number {
    return Math.min(this.#clock.nextDue, this.#tracker.table.nextDue);
  }

  /**
   * One command of the ipvsadm language, as `ipvsadm-save -n` writes it.
   *
   * @throws MalformedInput for a line that is no command, CommandRefused for one that does not fit the present services
   */
  administer(line: string): void {
    this.apply(parseCommand(line));
  }

  /** Like {@link administer}, for a command that was parsed before. */
  apply(command: Command): void {
    if (command.kind === 'set-timeouts') {
      this.#timeouts.set(command);
      return;
    }
    if (!isServiceCommand(command)) {
      this.#synchronisation.apply(command);
      return;
    }
    this.#services.apply(command);
    const removes = command.kind === 'delete-server' || command.kind === 'delete-service' || command.kind === 'clear';
    if (removes && this.#settings.get('vs.expire_nodest_conn') !== 0) {
      this.#clock.schedule(TICK, () => this.#tracker.expireOrphans());
    }
  }

  /**
   * Exchanges the virtual addresses: those of {@link Environment.virtualAddresses} and what was set before.
   *
   * @throws MalformedInput for an address that is none; then all stay as they were
   */
  setVirtualAddresses(addresses: readonly string[]): void {
    this.#network.routes.setVirtualAddresses(addresses);
  }

  /**
   * A kernel setting by name, e.g. `vs.conn_reuse_mode`; see `Environment.sysctls`.
   *
   * @throws UnsupportedFeature for a name that is not known, MalformedInput for a value that is no whole number
   */
  setSysctl(name: string, value: string): void {
    this.#settings.set(name, value);
  }

  /** What `/proc/net/ip_vs` would show. */
  servicesText(): string {
    return this.#listings.file('ip_vs');
  }

  /** What `/proc/net/ip_vs_conn` would show. */
  connectionsText(): string {
    return this.#listings.file('ip_vs_conn');
  }

  /** What `/proc/net/ip_vs_conn_sync` would show. */
  originsText(): string {
    return this.#listings.file('ip_vs_conn_sync');
  }

  /** What `/proc/net/ip_vs_stats` would show, as of the last of the estimations that are made every two seconds. */
  statisticsText(): string {
    return this.#listings.file('ip_vs_stats');
  }

  /** What `/proc/net/ip_vs_stats_percpu` would show on a machine of one CPU. */
  statisticsPerCpuText(): string {
    return this.#listings.file('ip_vs_stats_percpu');
  }

  /**
   * What ipvsadm prints for a command that shows something: `-L` in all its forms, or `-S`; always as with `-n`.
   *
   * @throws MalformedInput for a line that is no such command, CommandRefused where the service asked for is not there
   */
  query(line: string): string {
    return this.#listings.answer(parseQuery(line));
  }

  /** The connections that there are now, in no particular order. */
  connections(): Iterable<ConnectionRow> {
    return this.#listings.connections();
  }
}
