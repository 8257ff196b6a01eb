import { MalformedInput, UnsupportedFeature } from '../errors.ts';

/** Kernel settings below `net.ipv4` that the director knows, with the kernel's defaults. */
const DEFAULTS = {
  /** Milliseconds between two ICMP errors to one host. */
  icmp_ratelimit: 1000,
  /** The same for ICMPv6 errors; hosts of wide networks get more. */
  'ipv6.icmp.ratelimit': 1000,
  /** Bit 0: a SYN that reuses the ports of a finished connection is scheduled anew; bit 1: one in FIN_WAIT too, for VS/TUN and VS/DR. */
  'vs.conn_reuse_mode': 1,
  /** Connections of a removed server: 0 their packets are dropped, 1 they end at once. */
  'vs.expire_nodest_conn': 0,
  /** 1: a server of weight 0 loses its persistent clients too. */
  'vs.expire_quiescent_template': 0,
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
  /** 1: a connection may begin with any segment but RST. */
  'vs.sloppy_tcp': 0,
  /** 1: an ICMP error for no connection makes one. */
  'vs.schedule_icmp': 0,
} as const;

export type SettingName = keyof typeof DEFAULTS;

/** The director's settings, each a whole number. */
export class Settings {
  readonly #values = new Map<string, number>(Object.entries(DEFAULTS));

  get(name: SettingName): number {
    return this.#values.get(name) ?? DEFAULTS[name];
  }

  /** `name` as below `/proc/sys/net/ipv4`, with dots. */
  set(name: string, value: string): void {
    if (!this.#values.has(name)) {
      throw new UnsupportedFeature(`setting ${name} is not known; known are ${Object.keys(DEFAULTS).join(', ')}`);
    }
    if (!/^\d{1,9}$/.test(value)) {
      throw new MalformedInput(`setting ${name}: '${value}' is not a whole number`);
    }
    this.#values.set(name, Number(value));
  }
}
