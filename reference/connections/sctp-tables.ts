import { SCTP_STATE, type SctpTable } from './sctp-states.ts';
import type { Direction } from './state-machine.ts';

const I1 = SCTP_STATE.INIT1;
const IN = SCTP_STATE.INIT;
const CS = SCTP_STATE['C-SENT'];
const CR = SCTP_STATE['C-REPLIED'];
const CW = SCTP_STATE['C-WAIT'];
const CO = SCTP_STATE.COOKIE;
const CE = SCTP_STATE['C-ECHOED'];
const ES = SCTP_STATE.ESTABLISHED;
const SS = SCTP_STATE['S-SENT'];
const SR = SCTP_STATE['S-RECEIVED'];
const SA = SCTP_STATE['S-ACK-SENT'];
const RJ = SCTP_STATE.REJECTED;
const CL = SCTP_STATE.CLOSED;

/**
 * The SCTP state machine of kernel IPVS (`ip_vs_proto_sctp.c:sctp_states`). Rows are events, columns present states, cells next states. The
 * papers know no SCTP, so that it serves every profile.
 */
export const SCTP_TABLES: Readonly<Record<Direction, SctpTable>> = {
  input: [
    // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
    [ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // DATA
    [I1, IN, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, IN, IN], // INIT
    [CW, CW, CW, CS, CR, CO, CO, CE, ES, SS, SR, SA, RJ, CL], // INIT_ACK
    [CR, IN, IN, CR, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // COOKIE_ECHO
    [ES, I1, IN, CS, CR, CW, CO, ES, ES, SS, SR, SA, RJ, CL], // COOKIE_ACK
    [SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL], // SHUTDOWN
    [CL, IN, IN, CS, CR, CW, CO, CE, ES, CL, SR, CL, RJ, CL], // SHUTDOWN_ACK
    [CL, CL, CL, CS, CR, CW, CO, CE, ES, SS, SR, CL, RJ, CL], // SHUTDOWN_COMPLETE
    [CL, I1, IN, CS, CR, CW, CO, CL, ES, SS, SR, SA, RJ, CL], // ERROR
    [CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL], // ABORT
  ],
  output: [
    // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
    [ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // DATA
    [CW, CW, CW, CW, CW, CW, CW, CW, ES, CW, CW, CW, CW, CW], // INIT
    [CS, CS, CS, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // INIT_ACK
    [CE, CE, CE, CE, CE, CE, CE, CE, ES, SS, SR, SA, RJ, CL], // COOKIE_ECHO
    [ES, ES, ES, ES, ES, ES, ES, ES, ES, SS, SR, SA, RJ, CL], // COOKIE_ACK
    [SS, SS, SS, SS, SS, SS, SS, SS, SS, SS, SR, SA, RJ, CL], // SHUTDOWN
    [SA, SA, SA, SA, SA, CW, CO, CE, ES, SA, SA, SA, RJ, CL], // SHUTDOWN_ACK
    [CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // SHUTDOWN_COMPLETE
    [CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // ERROR
    [CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL], // ABORT
  ],
  inputOnly: [
    // NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
    [ES, I1, IN, CS, CR, ES, CO, CE, ES, SS, SR, SA, RJ, CL], // DATA
    [I1, IN, IN, IN, IN, IN, CO, CE, ES, SS, SR, SA, IN, IN], // INIT
    [CE, CE, CE, CE, CE, CE, CO, CE, ES, SS, SR, SA, RJ, CL], // INIT_ACK
    [ES, ES, ES, ES, ES, ES, CO, CE, ES, SS, SR, SA, RJ, CL], // COOKIE_ECHO
    [ES, I1, IN, ES, ES, CW, ES, ES, ES, SS, SR, SA, RJ, CL], // COOKIE_ACK
    [SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL], // SHUTDOWN
    [CL, IN, IN, CS, CR, CW, CO, CE, CL, CL, SR, CL, RJ, CL], // SHUTDOWN_ACK
    [CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, CL, CL, RJ, CL], // SHUTDOWN_COMPLETE
    [CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL], // ERROR
    [CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL], // ABORT
  ],
};
