import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import type { Command } from './command.ts';
import { readTokens, type CommandName, type OptionName } from './option-syntax.ts';
import { DAEMON_OPTIONS, parseDaemon } from './parse-daemon.ts';
import { parseTimeout, type Given, type Options } from './parse-options.ts';
import { parseServer, parseServerAddress, TUNNEL_OPTIONS } from './parse-server.ts';
import { parseServiceAddress, parseServiceSettings } from './parse-service.ts';

const SERVICE_OPTIONS = ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags', 'ipv6'] as const;
const SERVER_OPTIONS = ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...TUNNEL_OPTIONS] as const;

type Needs = readonly OptionName[];

/** Which options a command must and may have (`ipvsadm.c:commands_v_options`). */
const GRAMMAR: Readonly<Partial<Record<CommandName, { readonly must: Needs; readonly may: Needs }>>> = {
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
  'stop-daemon': { must: [], may: DAEMON_OPTIONS },
};

/**
 * Reads one command as it stands behind the word `ipvsadm` or in the output of `ipvsadm-save -n`. Names of hosts and
 * ports are not looked up.
 *
 * @throws MalformedInput naming the word at fault
 * @throws UnsupportedFeature for what ipvsadm can and this director cannot
 */
export function parseCommand(line: string): Command {
  const options = new Map<OptionName, Given>();
  const words: string[] = [];
  let command: CommandName | undefined;
  for (const token of readTokens(line.split(/\s+/).filter((word) => word !== ''))) {
    if (token.kind === 'command') {
      if (command !== undefined)
        throw new MalformedInput(`invalid option '${token.spelling}'; one line holds one command`);
      command = token.name;
      if (GRAMMAR[command] === undefined)
        throw new UnsupportedFeature(`The command ${token.spelling} is not implemented`);
    } else if (command === undefined) {
      const word = token.kind === 'word' ? token.word : token.spelling;
      throw new MalformedInput(`'${word}' is not a command; begin with one such as -A or -a`);
    } else if (token.kind === 'word') {
      words.push(token.word);
    } else {
      if (options.has(token.name)) {
        throw new MalformedInput(`multiple '${token.name}' options specified; leave out ${token.spelling}`);
      }
      options.set(token.name, { spelling: token.spelling, argument: token.argument ?? '', order: options.size });
    }
  }
  if (command === undefined) throw new MalformedInput('no command given; begin with one such as -A or -a');
  checkGrammar(command, options);
  return build(command, options, words);
}

function checkGrammar(command: CommandName, options: Options): void {
  const { must, may } = GRAMMAR[command] ?? { must: [], may: [] };
  for (const [name, { spelling }] of options) {
    if (!must.includes(name) && !may.includes(name)) {
      throw new MalformedInput(`Illegal '${name}' option with the '${command}' command; leave out ${spelling}`);
    }
  }
  for (const name of must) {
    if (!options.has(name)) {
      throw new MalformedInput(`You need to supply the '${name}' option for the '${command}' command`);
    }
  }
}

function build(command: CommandName, options: Options, words: readonly string[]): Command {
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
