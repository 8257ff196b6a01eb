import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse-command.ts';

/**
 * Reads what `ipvsadm-save -n` writes: one command a line. Blank lines, and lines that begin with `#`, say nothing.
 * The commands are tried in their order on `trial`, a director without services, so that a command that does not fit those
 * before it (a server twice, a scheduler that there is not) is found with its line.
 *
 * @param fileName begins each error message
 * @throws MalformedInput `FILE:LINE: what is wrong; how to mend`
 * @throws UnsupportedFeature `FILE:LINE: what is missing`
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
      const place = `${fileName}:${index + 1}`;
      if (error instanceof MalformedInput) throw new MalformedInput(`${place}: ${error.message}`, { cause: error });
      if (error instanceof UnsupportedFeature) {
        throw new UnsupportedFeature(`${place}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  });
  return commands;
}
