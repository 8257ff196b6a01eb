import { MalformedInput } from '../errors.ts';
import { readTokens, type CommandName, type OptionName } from './option-syntax.ts';
import type { Given, Options } from './parse-options.ts';

/** A command line taken apart, not yet understood. */
export interface CommandLine {
  readonly command: CommandName;
  /** How the command was written. */
  readonly spelling: string;
  readonly options: Options;
  /** What is neither command nor option. */
  readonly words: readonly string[];
}

/** Which options a command must and may have, and of which at most one (`ipvsadm.c:commands_v_options`). */
export interface Grammar {
  readonly must: readonly OptionName[];
  readonly may: readonly OptionName[];
  readonly oneOf?: readonly OptionName[];
}

/**
 * Takes apart what stands behind the word `ipvsadm`.
 *
 * @throws MalformedInput naming the word at fault
 */
export function readCommandLine(line: string): CommandLine {
  const options = new Map<OptionName, Given>();
  const words: string[] = [];
  let found: { readonly command: CommandName; readonly spelling: string } | undefined;
  for (const token of readTokens(line.split(/\s+/).filter((word) => word !== ''))) {
    if (token.kind === 'command') {
      if (found !== undefined) {
        throw new MalformedInput(`invalid option '${token.spelling}'; one line holds one command`);
      }
      found = { command: token.name, spelling: token.spelling };
    } else if (found === undefined) {
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
  if (found === undefined) throw new MalformedInput('no command given; begin with one such as -A or -a');
  return { ...found, options, words };
}

/** Throws MalformedInput in ipvsadm's words where the options are not those of the grammar (`ipvsadm.c:generic_opt_check`). */
export function checkGrammar({ command, options }: CommandLine, { must, may, oneOf = [] }: Grammar): void {
  for (const [name, { spelling }] of options) {
    if (![must, may, oneOf].some((allowed) => allowed.includes(name))) {
      throw new MalformedInput(`Illegal '${name}' option with the '${command}' command; leave out ${spelling}`);
    }
  }
  for (const name of must) {
    if (!options.has(name)) {
      throw new MalformedInput(`You need to supply the '${name}' option for the '${command}' command`);
    }
  }
  const [first, second] = oneOf.filter((name) => options.has(name));
  if (first !== undefined && second !== undefined) {
    throw new MalformedInput(
      `The option '${second}' conflicts with the '${first}' option in the '${command}' command; leave one out`,
    );
  }
}
