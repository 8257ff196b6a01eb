/** Kernel settings of connection synchronisation below `net.ipv4`, with the kernel's defaults (ip_vs_ctl.c:ip_vs_control_net_init_sysctl). */
export const SYNC_SETTINGS = {
  /** 1: while the backup daemon runs, clients' packets are not balanced. */
  'vs.backup_only': 0,
  /** 1: connections with a persistence template are not told; the template is. */
  'vs.sync_persist_mode': 0,
  /** Over how many UDP ports, one after the other, the messages are spread. A daemon that starts while another runs has the other's. */
  'vs.sync_ports': 1,
  /** Full messages that may wait; one more is lost. The kernel's default depends on its memory. */
  'vs.sync_qlen_max': 1024,
  /** Seconds: what changes less often is told no more often, see {@link SyncDecision}. */
  'vs.sync_refresh_period': 0,
  /** How often something is told again within the refresh period. */
  'vs.sync_retries': 0,
  /** Bytes of a daemon's socket buffer; 0 is the system's own. */
  'vs.sync_sock_size': 0,
  /** A connection is told at this packet of its client, and with `sync_period` at every so many more. Written as `THRESHOLD PERIOD`. */
  'vs.sync_threshold': 3,
  /** The protocol's version. */
  'vs.sync_version': 1,
} as const;

/** The second number of `sync_threshold`. 0: told once only. */
export const DEFAULT_SYNC_PERIOD = 50;

/** What a setting may be, where not every whole number will do (ip_vs_ctl.c:vs_vars). */
export const SYNC_RANGES: Readonly<Partial<Record<string, (value: number) => boolean>>> = {
  'vs.sync_ports': (value) => value > 0 && (value & (value - 1)) === 0,
  'vs.sync_retries': (value) => value <= 3,
  'vs.sync_version': (value) => value <= 1,
};
