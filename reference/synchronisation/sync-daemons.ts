import { CommandRefused } from '../administration/command-refused.ts';
import type { DaemonCommand, DaemonRole } from '../administration/command.ts';
import type { Environment } from '../environment.ts';
import { UnsupportedFeature } from '../errors.ts';
import type { Multicast } from '../forwarding/multicast.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import type { SequencePair } from './sync-entry.ts';
import { SyncBackup, type SyncBackupOptions } from './sync-backup.ts';
import { SyncMaster, type SyncMasterOptions } from './sync-master.ts';

/** Where messages go if the command does not say (`IP_VS_SYNC_GROUP`, `IP_VS_SYNC_PORT`). */
const DEFAULT_GROUP = 0xe0000051;
const DEFAULT_PORT = 8848;
const DEFAULT_TTL = 1;
/** UDP ports at most (`IPVS_SYNC_PORTS_MAX`). */
const MOST_PORTS = 64;
/** The first port that is nobody's (RFC 6335 §6); the kernel takes any that is free. */
const SOURCE_PORT = 49152;

/** IPv4 and UDP header. */
const HEADERS = 28;
/** Bytes of a master's packets. A backup's are as large as its port's MTU allows, and never smaller than those. */
const MASTER_MTU = 1500;
/** A backup that is told of less room than this has this. */
const SMALLEST_ROOM = 1024;
const LARGEST_PACKET = 65535;

type StartCommand = Extract<DaemonCommand, { readonly kind: 'start-daemon' }>;

export type SyncDaemonsOptions = Omit<SyncBackupOptions, 'syncId' | 'maxLength' | 'sequences'> &
  Pick<SyncMasterOptions, 'clock'> & {
    readonly ports: Environment['ports'];
    /** The director's own; it is there when the first daemon starts. */
    readonly multicast: () => Multicast;
  };

/** What a daemon runs with, once what the command left open is decided. */
export interface DaemonConfiguration {
  readonly role: DaemonRole;
  readonly interfaceName: string;
  readonly syncId: number;
  /** Bytes of a message. */
  readonly maxLength: number;
  readonly group: number;
  readonly port: number;
  readonly ttl: number;
}

interface Running {
  readonly configuration: DaemonConfiguration;
  readonly stop: () => void;
}

/** The two daemons of connection synchronisation (ip_vs_sync.c:start_sync_thread, stop_sync_thread). Both may run at a time. */
export class SyncDaemons {
  readonly #options: SyncDaemonsOptions;
  readonly #running = new Map<DaemonRole, Running>();
  #master: SyncMaster | undefined;
  /** Asked for every packet: whether the backup runs. */
  #listens = false;
  /** UDP ports that the daemons use. */
  #threads = 1;
  readonly #sequences = new Map<number, SequencePair>();

  constructor(options: SyncDaemonsOptions) {
    this.#options = options;
    const { tracker, settings } = options;
    tracker.whenEnded((connection) => this.#sequences.delete(connection));
    tracker.whenPutOff((connection) => this.#master?.tell(connection, settings.get('vs.sync_threshold')));
  }

  /** Whether other directors are told of connections. */
  get tellsOthers(): boolean {
    return this.#master !== undefined;
  }

  /** Whether clients are left to another director (`backup_only`). */
  get leavesClients(): boolean {
    return this.#listens && this.#options.settings.get('vs.backup_only') !== 0;
  }

  /** Of the daemons that run, the master first. */
  get configurations(): readonly DaemonConfiguration[] {
    const running = [this.#running.get('master'), this.#running.get('backup')];
    return running.flatMap((daemon) => (daemon === undefined ? [] : [daemon.configuration]));
  }

  /** The director is done with a client's packet (ip_vs_core.c:ip_vs_in_hook). */
  packetDone(connection: number): void {
    const { table } = this.#options.tracker;
    const packets = table.packets(connection) + 1;
    table.setPackets(connection, packets);
    this.#master?.tell(connection, packets);
  }

  /** @throws CommandRefused in the words of ipvsadm */
  apply(command: DaemonCommand): void {
    if (command.kind === 'start-daemon') this.#start(command);
    else this.#stop(command.role);
  }

  #start(command: StartCommand): void {
    const { ports, settings } = this.#options;
    const port = ports.findIndex(({ name }) => name === command.interfaceName);
    const configuration = configurationOf(command, ports[port]?.mtu ?? MASTER_MTU);
    if (port < 0) throw new CommandRefused('No such device');
    const { role } = command;
    if (this.#running.has(role)) throw new CommandRefused('Daemon has already run');
    if (this.#running.size === 0) this.#threads = Math.min(settings.get('vs.sync_ports'), MOST_PORTS);
    const stop = role === 'master' ? this.#startMaster(configuration, port) : this.#startBackup(configuration, port);
    this.#running.set(role, { configuration, stop });
  }

  #stop(role: DaemonRole): void {
    const running = this.#running.get(role);
    if (running === undefined) throw new CommandRefused('No daemon is running');
    running.stop();
    this.#running.delete(role);
  }

  /** Returns what stops it. */
  #startMaster(configuration: DaemonConfiguration, port: number): () => void {
    const { tracker, settings, clock, multicast } = this.#options;
    const { syncId, maxLength, group, ttl } = configuration;
    const master = new SyncMaster({
      table: tracker.table,
      settings,
      clock,
      sequences: this.#sequences,
      isTracked: (connection) => this.#isTracked(connection),
      syncId,
      maxLength,
      threads: this.#threads,
      send: (thread, message) =>
        multicast().send(port, group, message, {
          sourcePort: SOURCE_PORT + thread,
          destinationPort: (configuration.port + thread) & 0xffff,
          ttl,
        }),
    });
    this.#master = master;
    return () => {
      master.stop();
      this.#master = undefined;
    };
  }

  /** FTP has its connections translated by connection tracking, and keeps them there (ip_vs_ftp.c:ip_vs_ftp_init_conn). */
  #isTracked(connection: number): boolean {
    const { ftp, tracker } = this.#options;
    return ftp.isControl(connection) || ftp.isControl(tracker.table.control(connection));
  }

  /** Returns what stops it. */
  #startBackup({ syncId, maxLength, group, port: firstPort }: DaemonConfiguration, port: number): () => void {
    const { multicast } = this.#options;
    const backup = new SyncBackup({ ...this.#options, sequences: this.#sequences, syncId, maxLength });
    const listened = Array.from({ length: this.#threads }, (_, thread) => (firstPort + thread) & 0xffff);
    for (const udpPort of listened) multicast().listen(port, group, udpPort, (datagram) => backup.receive(datagram));
    this.#listens = true;
    return () => {
      listened.forEach((udpPort) => multicast().ignore(port, group, udpPort));
      this.#listens = false;
    };
  }
}

/** @param mtu of the port that the interface is */
function configurationOf(command: StartCommand, mtu: number): DaemonConfiguration {
  const { role, interfaceName, syncId, group = DEFAULT_GROUP } = command;
  if (isIpv6(group)) throw new UnsupportedFeature('Synchronisation by IPv6 is not implemented');
  const isMaster = role === 'master';
  const room = (isMaster ? MASTER_MTU : Math.max(mtu, MASTER_MTU)) - HEADERS;
  const least = isMaster ? 1 : SMALLEST_ROOM;
  return {
    role,
    interfaceName,
    syncId,
    maxLength: Math.min(command.maxLength === 0 ? room : Math.max(command.maxLength, least), LARGEST_PACKET - HEADERS),
    group,
    port: command.port === 0 ? DEFAULT_PORT : command.port,
    ttl: command.ttl === 0 ? DEFAULT_TTL : command.ttl,
  };
}
