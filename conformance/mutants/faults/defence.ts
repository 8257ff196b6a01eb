import type { Mutant } from '../mutant.ts';

/** Faults in what the director does against floods. */
export const mutants: readonly Mutant[] = [
  {
    id: 'defence-first-kept',
    fault: 'the first new connection is not dropped',
    file: 'defence.ts',
    text: '--this.#dropCounter > 0',
    becomes: 'this.#dropCounter-- > 0',
  },
  {
    id: 'defence-nothing-dropped',
    fault: 'drop_packet drops nothing',
    file: 'connection-scheduler.ts',
    text: `    if (service === undefined) return 'pass';
    if (defence.drops()) return 'drop';
    // A client`,
    becomes: `    if (service === undefined) return 'pass';
    // A client`,
  },
  {
    id: 'defence-always-on',
    fault: 'the modes for short memory are always in effect',
    file: 'defence.ts',
    text: 'const isShort = AVAILABLE_PAGES < threshold;',
    becomes: 'const isShort = true;',
  },
  {
    id: 'defence-never-short',
    fault: 'memory is never short',
    file: 'defence.ts',
    text: 'const isShort = AVAILABLE_PAGES < threshold;',
    becomes: 'const isShort = false;',
  },
  {
    id: 'defence-settings-read-once',
    fault: 'a new setting takes no effect',
    file: 'defence.ts',
    text: 'this.#update();',
    becomes: 'if (this.#next === PERIOD) this.#update();',
  },
  {
    id: 'defence-established-swept',
    fault: 'a sweep ends established connections that are in use',
    file: 'defence.ts',
    text: 'state === TCP_STATE.ESTABLISHED && this.#hasRested(connection, now)',
    becomes: 'state === TCP_STATE.ESTABLISHED',
  },
  {
    id: 'defence-half-open-kept',
    fault: 'a sweep keeps half open connections',
    file: 'defence.ts',
    text: 'state === TCP_STATE.SYN_RECV || state === TCP_STATE.SYNACK',
    becomes: 'false',
  },
  {
    id: 'defence-all-swept',
    fault: 'a sweep ends all candidates at once',
    file: 'defence.ts',
    text: 'random.below(SWEPT) === 0',
    becomes: 'random.below(SWEPT) >= 0',
  },
  {
    id: 'defence-no-rest',
    fault: 'a sweep ends connections that have not rested',
    file: 'defence.ts',
    text: 'table.timeout(connection) + REST',
    becomes: 'table.timeout(connection)',
  },
  {
    id: 'defence-busy-swept',
    fault: 'a sweep ends connections of many packets',
    file: 'defence.ts',
    text: 'packets === 0 || packets > MOST_PACKETS',
    becomes: 'packets === 0',
  },
  {
    id: 'secure-tcp-ignored',
    fault: 'secure_tcp changes nothing',
    file: 'connections/connection-tracker.ts',
    text: 'this.isSecure ? SECURE_TCP : this.#options.tcp',
    becomes: 'this.#options.tcp',
  },
  {
    id: 'secure-tcp-client-establishes',
    fault: 'with secure_tcp the client establishes a connection of VS/NAT',
    file: 'connections/secure-tcp-tables.ts',
    text: 'ACK: [ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA]',
    becomes: 'ACK: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES]',
  },
  {
    id: 'secure-tcp-half-as-usual',
    fault: 'with secure_tcp half connections begin in SYN_RECV',
    file: 'connections/secure-tcp-tables.ts',
    text: 'SYN: [SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA]',
    becomes: 'SYN: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR]',
  },
  {
    id: 'secure-tcp-fin-establishes',
    fault: "with secure_tcp a client's FIN establishes a connection of VS/NAT",
    file: 'connections/secure-tcp-tables.ts',
    text: 'FIN: [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA]',
    becomes: 'FIN: [ES, ES, ES, ES, ES, ES, ES, ES, ES, ES, ES]',
  },
  {
    id: 'secure-tcp-half-close-wait',
    fault: 'with secure_tcp half connections end in CLOSE_WAIT',
    file: 'connections/secure-tcp-tables.ts',
    text: 'FIN: [CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW]',
    becomes: 'FIN: [CL, CW, SS, TW, FW, TW, CL, CW, LA, LI, TW]',
  },
  {
    id: 'twos-by-weight-alone',
    fault: 'the power of two choices does not look at the load',
    file: 'schedulers/twos.ts',
    text: 'return isLessLoaded ? second : first;',
    becomes: 'return first;',
  },
  {
    id: 'twos-overloaded-server',
    fault: 'the power of two choices gives connections to servers of weight 0',
    file: 'schedulers/twos.ts',
    text: 'servers.filter(isUsable)',
    becomes: '[...servers]',
  },
];
