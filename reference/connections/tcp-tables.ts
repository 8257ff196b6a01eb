import { TCP_STATE, type TcpTables } from './tcp-states.ts';

const ES = TCP_STATE.ESTABLISHED;
const SS = TCP_STATE.SYN_SENT;
const SR = TCP_STATE.SYN_RECV;
const FW = TCP_STATE.FIN_WAIT;
const TW = TCP_STATE.TIME_WAIT;
const CL = TCP_STATE.CLOSE;
const CW = TCP_STATE.CLOSE_WAIT;
const LA = TCP_STATE.LAST_ACK;
const LI = TCP_STATE.LISTEN;

/**
 * The TCP state machines, by whose they are. Rows are events, columns present states, cells next states.
 * States are seen from the server: FIN_WAIT when it closes first, CLOSE_WAIT when the client does.
 */
export const TCP_TABLES = {
  /** What kernel IPVS does: `ip_vs_proto_tcp.c:tcp_states`, every cell seen on a running kernel 6.1. */
  linux: {
    input: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
      FIN: [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW],
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
      RST: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR],
    },
    output: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
      FIN: [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW],
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
      RST: [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL],
    },
    inputOnly: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
      FIN: [CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW],
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
      RST: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL],
    },
  },

  /**
   * What the paper promises. VS/NAT "follows the standard TCP state machine" (paper P14): where the kernel's cell departs
   * from RFC 9293 figure 5 or §3.10.7.4, the RFC's stands here. VS/TUN and VS/DR have a machine of their own for half
   * connections (paper P26, P33): SYN, ESTABLISHED, FIN. Paper SYN is SYN_RECV, paper FIN is FIN_WAIT.
   * Where the paper is silent (RST, segments of no known connection, states that a half connection never reaches) the
   * cell is the kernel's. Cells that differ from the kernel's are named in the comment behind their row.
   */
  paper: {
    input: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
      FIN: [CL, CW, SS, CW, TW, TW, CL, CW, LA, LI, CW], // SR, SA: FIN in SYN-RECEIVED leads to CLOSE-WAIT
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
      RST: [CL, CL, CL, CL, CL, CL, CL, CL, CL, LI, CL], // SR, LA, SA: a reset ends the connection
    },
    output: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
      FIN: [TW, FW, SS, FW, FW, TW, CL, LA, LA, LI, FW], // SR, SA: to FIN-WAIT-1; CW: to LAST-ACK
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
      RST: [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL],
    },
    inputOnly: {
      //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
      SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
      FIN: [CL, FW, SS, FW, FW, TW, CL, CW, LA, LI, FW], // SR, SA: FIN leads to FIN, there is no TIME_WAIT
      ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
      RST: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL],
    },
  },
} as const satisfies Record<string, TcpTables>;

/** Whose state machine and timeouts apply. */
export type TcpProfile = keyof typeof TCP_TABLES;
