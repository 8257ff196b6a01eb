import type { HealthChecks } from './health-checks.ts';

/** The director of a running topology, whichever it is. Rules and commands are of the ipvsadm language. */
export interface LabDirector {
  /** Puts these rules, one command a line, in the place of all that there are. */
  configure(rules: string): Promise<void>;
  /** Takes back all rules and settings. */
  clear(): Promise<void>;
  /** Changes the rules that there are, e.g. `-d -t 10.2.0.100:80 -r 10.3.0.11`; connections stay. */
  administer(commands: readonly string[]): Promise<void>;
  /** From now on asks the servers of its rules so how they are. Absent where it cannot; where it can, it asks for a connection before. */
  checkHealth?(checks: HealthChecks): Promise<void>;
  /** By name below `net.ipv4`, e.g. `vs.sloppy_tcp`, or below `net`: `netfilter.nf_conntrack_checksum`. Connections may be forgotten for it. */
  setSysctl(name: string, value: string): Promise<void>;
  /** `ipvsadm -L -n` */
  listing(): Promise<string>;
  /** `ipvsadm -L -n --stats` */
  statistics(): Promise<string>;
  /** Ends it at once, without a farewell, and starts it with the same rules and settings: its connections are forgotten. */
  restart(): Promise<void>;
  /** Seconds of processor time that it has used so far. */
  processorSeconds(): Promise<number>;
}
