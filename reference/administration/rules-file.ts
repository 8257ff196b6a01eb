import { MalformedInput } from '../errors.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse-command.ts';

/**
 * Reads what `ipvsadm-save -n` writes: one command a line. Blank lines, and lines that begin with `#`, say nothing.
 * The commands are tried in their order on `trial`, a director without services, so that a command that does not fit those
 * before it (a server twice, a scheduler that there is not) is found with its line.
 *
 * @param fileName begins each error message
 * @throws MalformedInput `FILE:LINE: what is wrong; how to mend`
 */
export function parseRules(text: string, fileName: string, trial: { apply(command: Command): void }): Command[] {
  const commands: Command[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    try {
      const command = parseCommand(line);
      trial.apply(command);
      commands.push(command);
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      throw new MalformedInput(`${fileName}:${index + 1}: ${error.message}`, { cause: error });
    }
  });
  return commands;
}
