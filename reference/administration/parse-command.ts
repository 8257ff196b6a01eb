import { MalformedInput } from '../errors.ts';
import type { Command } from './command.ts';
import type { CommandName } from './option-syntax.ts';
import { DAEMON_OPTIONS, parseDaemon } from './parse-daemon.ts';
import { parseTimeout } from './parse-options.ts';
import { parseServer, parseServerAddress, TUNNEL_OPTIONS } from './parse-server.ts';
import { parseServiceAddress, parseServiceSettings } from './parse-service.ts';
import { checkGrammar, readCommandLine, type CommandLine, type Grammar } from './read-command-line.ts';

const SERVICE_OPTIONS = ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags', 'ipv6'] as const;
const SERVER_OPTIONS = ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...TUNNEL_OPTIONS] as const;

/** The commands that change something. */
const GRAMMAR: Readonly<Partial<Record<CommandName, Grammar>>> = {
  'add-service': { must: ['service-address'], may: SERVICE_OPTIONS },
  'edit-service': { must: ['service-address'], may: SERVICE_OPTIONS },
  'delete-service': { must: ['service-address'], may: ['ipv6'] },
  'add-server': { must: ['service-address', 'real-server'], may: [...SERVER_OPTIONS, 'ipv6'] },
  'edit-server': { must: ['service-address', 'real-server'], may: [...SERVER_OPTIONS, 'ipv6'] },
  'delete-server': { must: ['service-address', 'real-server'], may: ['ipv6'] },
  flush: { must: [], may: [] },
  zero: { must: [], may: ['service-address', 'ipv6'] },
  set: { must: [], may: [] },
  'start-daemon': { must: [], may: DAEMON_OPTIONS },
  'stop-daemon': { must: [], may: ['syncid'] },
};

/**
 * Reads one command that changes something, as it stands behind the word `ipvsadm` or in the output of `ipvsadm-save -n`. Names of
 * hosts and ports are not looked up.
 *
 * @throws MalformedInput naming the word at fault
 */
export function parseCommand(line: string): Command {
  const given = readCommandLine(line);
  const grammar = GRAMMAR[given.command];
  if (grammar === undefined) throw new MalformedInput(`${given.spelling} changes nothing; leave it out`);
  checkGrammar(given, grammar);
  return build(given);
}

function build({ command, options, words }: CommandLine): Command {
  if (command === 'set') return setTimeouts(words);
  if (command === 'start-daemon' || command === 'stop-daemon') return parseDaemon(command, options, words);
  if (words[0] !== undefined) throw new MalformedInput(`unexpected argument ${words[0]}; leave it out`);
  if (command === 'flush') return { kind: 'clear' };
  const service = parseServiceAddress(options);
  if (service === undefined) return { kind: 'zero' };
  switch (command) {
    case 'add-service':
    case 'edit-service':
      return { kind: command, service, settings: parseServiceSettings(options, service) };
    case 'delete-service':
      return { kind: command, service };
    case 'add-server':
    case 'edit-server':
      return { kind: command, service, ...parseServer(options, service) };
    case 'delete-server':
      return { kind: command, service, server: parseServerAddress(options, service) };
    default:
      return { kind: 'zero', service };
  }
}

function setTimeouts(words: readonly string[]): Command {
  const [tcp, tcpFin, udp, ...others] = words.map((word) => parseTimeout(word, 0));
  if (tcp === undefined || tcpFin === undefined || udp === undefined) {
    throw new MalformedInput('--set option requires 3 timeout values; write --set TCP TCPFIN UDP');
  }
  if (others.length > 0) throw new MalformedInput(`unexpected argument ${words[3] ?? ''}; --set takes 3 values`);
  return { kind: 'set-timeouts', tcp, tcpFin, udp };
}
