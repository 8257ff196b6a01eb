import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import { DEFAULT_SYNC_PERIOD, SYNC_RANGES, SYNC_SETTINGS } from '../synchronisation/sync-settings.ts';

/** Kernel settings that the director knows, with the kernel's defaults: those of `ipv6` and `netfilter` below `net`, others below `net.ipv4`. */
const DEFAULTS = {
  ...SYNC_SETTINGS,
  /** Milliseconds between two ICMP errors to one host. */
  icmp_ratelimit: 1000,
  /** The same for ICMPv6 errors; hosts of wide networks get more. */
  'ipv6.icmp.ratelimit': 1000,
  /** Connection tracking verifies the checksums of what arrives. */
  'netfilter.nf_conntrack_checksum': 1,
  /** One in so many new connections is dropped, with `vs.drop_packet` 3. */
  'vs.am_droprate': 10,
  /** Pages of memory below which memory is short. */
  'vs.amemthresh': 1024,
  /** Bit 0: a SYN that reuses the ports of a finished connection is scheduled anew; bit 1: one in FIN_WAIT too, for VS/TUN and VS/DR. */
  'vs.conn_reuse_mode': 1,
  /** Connections that only half exist are ended: 0 never, 1 and 2 while memory is short, 3 always. */
  'vs.drop_entry': 0,
  /** New connections are dropped: 0 never, 1 and 2 while memory is short, 3 always. */
  'vs.drop_packet': 0,
  /** Connections of a removed server: 0 their packets are dropped, 1 they end at once. */
  'vs.expire_nodest_conn': 0,
  /** 1: a server of weight 0 loses its persistent clients too. */
  'vs.expire_quiescent_template': 0,
  /** 1: what has a mark and no server goes on to where it was sent. */
  'vs.cache_bypass': 0,
  /** Seconds after which lblc forgets the server of an unused destination. */
  'vs.lblc_expiration': 86400,
  /** The same for lblcr; and after which a destination gives up one of its servers. */
  'vs.lblcr_expiration': 86400,
  /** A packet of a real server without connection: 0 forwarded as it is, 1 refused with an ICMP error. */
  'vs.nat_icmp_send': 0,
  /** VS/TUN: 1 the packet's DF counts for the outer packet too, 0 the outer packet may always be fragmented. */
  'vs.pmtu_disc': 1,
  /** 1: statistics are estimated every two seconds; 0: they stand still. */
  'vs.run_estimation': 1,
  /** Segments of a client establish no connection of VS/NAT: 0 they do, 1 and 2 not while memory is short, 3 never. */
  'vs.secure_tcp': 0,
  /** 1: a connection may begin with any chunk but ABORT. */
  'vs.sloppy_sctp': 0,
  /** 1: a connection may begin with any segment but RST. */
  'vs.sloppy_tcp': 0,
  /** 1: an ICMP error for no connection makes one. */
  'vs.schedule_icmp': 0,
} as const;

export type SettingName = keyof typeof DEFAULTS;

/** The largest values of settings that are modes (`ip_vs_ctl.c:proc_do_defense_mode`) or switches (`nf_conntrack_standalone.c`). */
const LIMITS: Readonly<Record<string, number>> = {
  'netfilter.nf_conntrack_checksum': 1,
  'vs.drop_entry': 3,
  'vs.drop_packet': 3,
  'vs.secure_tcp': 3,
};

/** The director's settings, each a whole number. */
export class Settings {
  readonly #values = new Map<string, number>(Object.entries(DEFAULTS));
  #syncPeriod = DEFAULT_SYNC_PERIOD;

  /** @param missing settings that this director does not have */
  constructor(missing: readonly string[] = []) {
    for (const name of missing) this.#values.delete(name);
  }

  /** The second number of `sync_threshold`. */
  get syncPeriod(): number {
    return this.#syncPeriod;
  }

  get(name: SettingName): number {
    return this.#values.get(name) ?? DEFAULTS[name];
  }

  /** `name` as below `/proc/sys/net/ipv4`, or as `ipv6…` and `netfilter…` below `/proc/sys/net`, with dots. */
  set(name: string, value: string): void {
    if (!this.#values.has(name)) {
      throw new UnsupportedFeature(
        `setting ${name} is not known; known are ${Array.from(this.#values.keys()).join(', ')}`,
      );
    }
    if (name === 'vs.sync_threshold') {
      this.#setThreshold(value);
      return;
    }
    if (!/^\d{1,9}$/.test(value)) {
      throw new MalformedInput(`setting ${name}: '${value}' is not a whole number`);
    }
    const limit = LIMITS[name];
    if (limit !== undefined && Number(value) > limit) {
      throw new MalformedInput(`setting ${name}: '${value}' is too large; use 0 to ${limit}`);
    }
    if (SYNC_RANGES[name]?.(Number(value)) === false) {
      throw new MalformedInput(`setting ${name}: ${value} is none of its values`);
    }
    this.#values.set(name, Number(value));
  }

  /** `3 50`, or the first of the two alone; a threshold that no count reaches is refused (ip_vs_ctl.c:proc_do_sync_threshold). */
  #setThreshold(value: string): void {
    const [, threshold, period = this.#syncPeriod] = /^(\d{1,9})(?:[ \t]+(\d{1,9}))?$/.exec(value) ?? [];
    if (threshold === undefined || (Number(period) !== 0 && Number(threshold) >= Number(period))) {
      throw new MalformedInput(
        `setting vs.sync_threshold: '${value}' is not a threshold and a larger period, as in '3 50'`,
      );
    }
    this.#values.set('vs.sync_threshold', Number(threshold));
    this.#syncPeriod = Number(period);
  }
}
