import { SCTP_STATE_NAMES, type SctpState } from './sctp-states.ts';
import { TCP_STATE_NAMES, type TcpState } from './tcp-states.ts';
import type { TcpProfile } from './tcp-tables.ts';

/** Seconds that an entry lives from its creation until its first change of state (kernel `ip_vs_conn.c:ip_vs_conn_new`). */
export const NEW_CONNECTION_TIMEOUT = 3;

/** Of SCTP, by state; they cannot be set, and the papers know none (`ip_vs_proto_sctp.c:sctp_timeouts`). */
const SCTP_TIMEOUTS: Readonly<Record<SctpState, number>> = {
  NONE: 2,
  INIT1: 4,
  INIT: 61,
  'C-SENT': 61,
  'C-REPLIED': 61,
  'C-WAIT': 61,
  COOKIE: 61,
  'C-ECHOED': 61,
  ESTABLISHED: 900,
  'S-SENT': 61,
  'S-RECEIVED': 61,
  'S-ACK-SENT': 61,
  REJECTED: 4,
  CLOSED: 61,
};

/** Seconds that an SCTP connection stays in a state, by number. */
export function sctpTimeout(state: number): number {
  return SCTP_TIMEOUTS[SCTP_STATE_NAMES[state] ?? 'NONE'];
}

interface Defaults {
  readonly tcp: Readonly<Record<TcpState, number>>;
  readonly udp: number;
}

const DEFAULTS: Readonly<Record<TcpProfile, Defaults>> = {
  /** `ip_vs_proto_tcp.c:tcp_timeouts`, `ip_vs_proto_udp.c:udp_timeouts`. */
  linux: {
    tcp: {
      NONE: 2,
      ESTABLISHED: 900,
      SYN_SENT: 120,
      SYN_RECV: 60,
      FIN_WAIT: 120,
      TIME_WAIT: 120,
      CLOSE: 10,
      CLOSE_WAIT: 60,
      LAST_ACK: 30,
      LISTEN: 120,
      SYNACK: 120,
    },
    udp: 300,
  },
  /** Paper P15: SYN 1 minute, ESTABLISHED 15, FIN 1, UDP 5. NONE, CLOSE and LISTEN, which it does not name, are the kernel's. */
  paper: {
    tcp: {
      NONE: 2,
      ESTABLISHED: 900,
      SYN_SENT: 60,
      SYN_RECV: 60,
      FIN_WAIT: 60,
      TIME_WAIT: 60,
      CLOSE: 10,
      CLOSE_WAIT: 60,
      LAST_ACK: 60,
      LISTEN: 120,
      SYNACK: 60,
    },
    udp: 300,
  },
};

/** Values of `ipvsadm --set tcp tcpfin udp` in seconds; 0 leaves a timeout as it is. */
export interface TimeoutSettings {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

/** How long a connection lives after its last packet, in seconds. A change takes effect with a connection's next packet. */
export class Timeouts {
  readonly #tcp: DataView;
  #udp: number;

  constructor(profile: TcpProfile) {
    const { tcp, udp } = DEFAULTS[profile];
    this.#tcp = new DataView(new ArrayBuffer(TCP_STATE_NAMES.length * 4));
    for (const state of TCP_STATE_NAMES) this.#setTcp(state, tcp[state]);
    this.#udp = udp;
  }

  /** @param state a number of `TCP_STATE` */
  tcp(state: number): number {
    return this.#tcp.getUint32(state * 4);
  }

  get udp(): number {
    return this.#udp;
  }

  /**
   * Of the TCP states only ESTABLISHED and FIN_WAIT can be set: `tcpFin` leaves TIME_WAIT, CLOSE_WAIT and the others
   * alone (kernel `ip_vs_ctl.c:ip_vs_set_timeout`).
   */
  set(settings: TimeoutSettings): void {
    if (settings.tcp !== 0) this.#setTcp('ESTABLISHED', settings.tcp);
    if (settings.tcpFin !== 0) this.#setTcp('FIN_WAIT', settings.tcpFin);
    if (settings.udp !== 0) this.#udp = settings.udp;
  }

  #setTcp(state: TcpState, seconds: number): void {
    this.#tcp.setUint32(TCP_STATE_NAMES.indexOf(state) * 4, seconds);
  }
}
