import { MalformedInput } from '../errors.ts';

/**
 * A well-formed command that does not fit the present services. The message is what ipvsadm says
 * (`libipvs.c:ipvs_strerror`).
 */
export class CommandRefused extends MalformedInput {}
