import { MalformedInput } from '../errors.ts';

/**
 * The options of ipvsadm 1.31 about services, servers, timeouts, daemons and listings, by spelling (`ipvsadm.c:parse_options`).
 * An option's name is that of ipvsadm's messages; several spellings may stand for one option with different values.
 */
const COMMANDS = {
  'add-service': ['-A', '--add-service'],
  'edit-service': ['-E', '--edit-service'],
  'delete-service': ['-D', '--delete-service'],
  flush: ['-C', '--clear'],
  'add-server': ['-a', '--add-server'],
  'edit-server': ['-e', '--edit-server'],
  'delete-server': ['-d', '--delete-server'],
  zero: ['-Z', '--zero'],
  set: ['--set'],
  list: ['-L', '-l', '--list'],
  save: ['-S', '--save'],
  restore: ['-R', '--restore'],
  'start-daemon': ['--start-daemon'],
  'stop-daemon': ['--stop-daemon'],
} as const;

const FLAGS = {
  numeric: ['-n', '--numeric'],
  connection: ['-c', '--connection'],
  timeout: ['--timeout'],
  daemon: ['--daemon'],
  stats: ['--stats'],
  rate: ['--rate'],
  thresholds: ['--thresholds'],
  'persistent-conn': ['--persistent-conn'],
  'tun-info': ['--tun-info'],
  sort: ['--sort'],
  nosort: ['--nosort'],
  exact: ['-X', '--exact'],
  'forwarding-method': ['-g', '--gatewaying', '-i', '--ipip', '-m', '--masquerading'],
  ops: ['-o', '--ops'],
  ipv6: ['-6', '--ipv6'],
  'tun-nocsum': ['--tun-nocsum'],
  'tun-csum': ['--tun-csum'],
  'tun-remcsum': ['--tun-remcsum'],
} as const;

const WITH_ARGUMENT = {
  'service-address': ['-t', '--tcp-service', '-u', '--udp-service', '--sctp-service', '-f', '--fwmark-service'],
  'real-server': ['-r', '--real-server'],
  scheduler: ['-s', '--scheduler'],
  netmask: ['-M', '--netmask'],
  weight: ['-w', '--weight'],
  'u-threshold': ['-x', '--u-threshold'],
  'l-threshold': ['-y', '--l-threshold'],
  pe: ['--pe'],
  'sched-flags': ['-b', '--sched-flags'],
  'tun-type': ['--tun-type'],
  'tun-port': ['--tun-port'],
  'mcast-interface': ['--mcast-interface'],
  syncid: ['--syncid'],
  'sync-maxlen': ['--sync-maxlen'],
  'mcast-group': ['--mcast-group'],
  'mcast-port': ['--mcast-port'],
  'mcast-ttl': ['--mcast-ttl'],
} as const;

const WITH_OPTIONAL_ARGUMENT = { persistent: ['-p', '--persistent'] } as const;

export type CommandName = keyof typeof COMMANDS;
export type OptionName = keyof typeof FLAGS | keyof typeof WITH_ARGUMENT | keyof typeof WITH_OPTIONAL_ARGUMENT;

type Syntax =
  | { readonly kind: 'command'; readonly name: CommandName }
  | { readonly kind: 'option'; readonly name: OptionName; readonly takes: 'nothing' | 'argument' | 'perhaps' };

/** A piece of a command line. */
export type Token =
  | { readonly kind: 'command'; readonly name: CommandName; readonly spelling: string }
  | {
      readonly kind: 'option';
      readonly name: OptionName;
      readonly spelling: string;
      readonly argument: string | undefined;
    }
  | { readonly kind: 'word'; readonly word: string };

const SYNTAX = new Map<string, Syntax>();
const learn = <Name extends string>(
  table: Readonly<Record<Name, readonly string[]>>,
  syntax: (name: Name) => Syntax,
) => {
  for (const name in table) for (const spelling of table[name]) SYNTAX.set(spelling, syntax(name));
};
learn(COMMANDS, (name) => ({ kind: 'command', name }));
learn(FLAGS, (name) => ({ kind: 'option', name, takes: 'nothing' }));
learn(WITH_ARGUMENT, (name) => ({ kind: 'option', name, takes: 'argument' }));
learn(WITH_OPTIONAL_ARGUMENT, (name) => ({ kind: 'option', name, takes: 'perhaps' }));

/**
 * Takes a command line apart the way popt does: one-letter options may stand together (`-At`), an argument may follow in
 * the same word (`-w3`, `--weight=3`) or in the next, and an optional one is there unless the next word begins with `-`.
 */
export function* readTokens(words: readonly string[]): Generator<Token, void> {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word.length < 2 || !word.startsWith('-')) {
      yield { kind: 'word', word };
      continue;
    }
    const long = word.startsWith('--');
    // What follows within the word: further one-letter options, or an argument.
    let [spelling, attached] = long ? splitAt(word, word.indexOf('=')) : splitAt(word, 2);
    for (;;) {
      const syntax = SYNTAX.get(spelling);
      if (syntax === undefined) throw new MalformedInput(`${spelling}: unknown option; see ipvsadm(8)`);
      if (syntax.kind === 'option' && syntax.takes !== 'nothing') {
        let argument = attached === '' ? undefined : attached.replace(/^=/, '');
        if (argument === undefined) {
          const next = words[index + 1];
          if (next !== undefined && !(syntax.takes === 'perhaps' && next.startsWith('-'))) {
            argument = next;
            index++;
          }
        }
        if (argument === undefined && syntax.takes === 'argument') {
          throw new MalformedInput(`${spelling}: missing argument; write one behind it`);
        }
        yield { kind: 'option', name: syntax.name, spelling, argument };
        break;
      }
      if (long && attached !== '') throw new MalformedInput(`${spelling} takes no value; leave out ${attached}`);
      yield syntax.kind === 'command'
        ? { kind: 'command', name: syntax.name, spelling }
        : { kind: 'option', name: syntax.name, spelling, argument: undefined };
      if (attached === '') break;
      [spelling, attached] = splitAt(`-${attached}`, 2);
    }
  }
}

function splitAt(text: string, index: number): [string, string] {
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index)];
}
