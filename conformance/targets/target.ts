import type { Environment } from '../../reference/environment.ts';
import type { Profile } from '../../reference/profile.ts';

/** Things a director may or may not have. A target states its features; a case states its needs. */
export const FEATURES = {
  nat: 'VS/NAT',
  tunnel: 'VS/TUN with IPIP',
  'tunnel.gue': 'VS/TUN with GUE',
  'tunnel.gre': 'VS/TUN with GRE',
  'direct-route': 'VS/DR',
  'local-node': 'a real server that is the director itself',
  tcp: 'TCP services',
  udp: 'UDP services',
  sctp: 'SCTP services',
  'ah-esp': 'AH and ESP go where their key exchange goes',
  ipv6: 'services and servers with IPv6 addresses',
  'scheduler.rr': 'round robin',
  'scheduler.wrr': 'weighted round robin',
  'scheduler.lc': 'least connection',
  'scheduler.wlc': 'weighted least connection',
  'scheduler.sed': 'shortest expected delay',
  'scheduler.nq': 'never queue',
  'scheduler.fo': 'weighted failover',
  'scheduler.ovf': 'weighted overflow',
  'scheduler.dh': 'destination hashing',
  'scheduler.sh': 'source hashing',
  'scheduler.mh': 'Maglev hashing',
  'scheduler.twos': 'power of two choices',
  'scheduler.lblc': 'locality-based least connection',
  'scheduler.lblcr': 'locality-based least connection with replication',
  persistence: 'clients keep their server for a time',
  'persistence-engine.sip': 'clients are known by the Call-ID of SIP',
  fwmark: 'services of what a firewall marks',
  'one-packet': 'services that schedule every datagram by itself',
  'scheduler-flags': 'flags that change what a scheduler does',
  'application.ftp': 'addresses in FTP payload are translated',
  'health-checks': 'asks its servers how they are, and leaves out those that are not well',
  clock: 'its clock can be moved',
  connections: 'shows its connection table',
  services: 'shows its services, servers and their connection counts',
  listings: 'prints what ipvsadm lists',
  statistics: 'shows how many connections, packets and bytes passed',
  timeouts: 'timeouts can be set',
  sysctl: 'takes kernel settings',
  synchronisation: 'tells other directors of its connections, and listens to them',
  'run-estimation': 'statistics can be made to stand still',
  'kernel-choices': 'is judged by what kernel IPVS does where paper and RFC leave a choice',
} as const;

export type Feature = keyof typeof FEATURES;

/** A director this project can drive. */
export interface Target {
  readonly id: string;
  readonly description: string;
  /** Exact version, e.g. `uname -r`. Known once started. */
  readonly version: string;
  readonly features: ReadonlySet<Feature>;
  /** Whose choices it is held to: cases ask for them, and the reference that it is compared with goes by them. */
  readonly profile: Profile;
  /** How many sessions may be open side by side. */
  readonly concurrency: number;
  start(): Promise<void>;
  /** Ends every process of the target; safe to call at any time, more than once. */
  stop(): Promise<void>;
  /** A clean director on the given host: no services, no connections, every setting at its default unless `environment` says otherwise. */
  open(environment: Environment, receiver: FrameReceiver): Promise<Session>;
}

/** Called with every frame the director sends: port index as in `environment.ports`; the bytes belong to the receiver. */
export type FrameReceiver = (port: number, frame: Uint8Array) => void;

/** The wires of one clean machine, director or server, for one case. */
export interface FrameSession {
  send(port: number, frame: Uint8Array): void;
  /** Resolves when every frame sent so far has been processed and all that follows from it at once was delivered. */
  settle(): Promise<void>;
  /** Moves the machine's clock forward. Absent where it cannot be moved. */
  advance?(seconds: number): Promise<void>;
  /** Ends the session. Rejects with InternalFault when a frame was lost between harness and machine: then no verdict counts. */
  close(): Promise<void>;
}

/** One clean director for one case. */
export interface Session extends FrameSession {
  /** Commands in the ipvsadm language, one a line as `ipvsadm-save -n` writes them. Rejects with {@link ConfigurationRefused}. */
  configure(commands: readonly string[]): Promise<void>;
  /** A setting by name, e.g. `vs.conn_reuse_mode`; see `Environment.sysctls`. */
  setSysctl?(name: string, value: string): Promise<void>;
  /** The text of `/proc/net/ip_vs_conn`. */
  connections?(): Promise<string>;
  /** The text of `/proc/net/ip_vs_conn_sync`. */
  origins?(): Promise<string>;
  /** The text of `/proc/net/ip_vs`. */
  services?(): Promise<string>;
  /** What ipvsadm prints for a listing command, e.g. `-L -n --stats`; with `-n`, as nobody looks up names. Rejects with {@link ConfigurationRefused}. */
  list?(command: string): Promise<string>;
  /** The text of a file of statistics below `/proc/net`. */
  statistics?(file: StatisticsFile): Promise<string>;
}

/** The sums of all services; in the second with what each CPU counted. */
export type StatisticsFile = 'ip_vs_stats' | 'ip_vs_stats_percpu';

/** The director refused a configuration command, as ipvsadm does for an unknown scheduler. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused';
}
