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
const SA = TCP_STATE.SYNACK;

/**
 * The TCP state machine under attack, `secure_tcp` (`ip_vs_proto_tcp.c:tcp_states_dos`), every cell seen on a running kernel 6.1: under
 * VS/NAT a client's segments alone establish nothing, the server has to answer first. The paper knows none, so it serves every profile.
 */
export const SECURE_TCP_TABLES: TcpTables = {
  input: {
    //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
    SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA],
    FIN: [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA],
    ACK: [ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA],
    RST: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL],
  },
  output: {
    //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
    SYN: [SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA],
    FIN: [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW],
    ACK: [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
    RST: [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL],
  },
  inputOnly: {
    //    NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
    SYN: [SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA],
    FIN: [CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW],
    ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
    RST: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL],
  },
};
