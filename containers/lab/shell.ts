import type { StartedTestContainer } from 'testcontainers';
import { InternalFault } from '../../reference/errors.ts';
import type { BackgroundCommand, CommandOptions, CommandResult } from './machine.ts';

const DEFAULT_SECONDS = 30;

/** What takes a line of `sh` as its last parameter and runs it: in the container, or in the user-mode kernel in it. */
export type Interpreter = readonly string[];

const CONTAINER: Interpreter = ['sh', '-c'];

/** Runs commands on a machine, whichever kernel it has. */
export class Shell {
  readonly #name: string;
  readonly #container: StartedTestContainer;
  readonly #interpreter: Interpreter;
  #last = 0;

  constructor(name: string, container: StartedTestContainer, interpreter: Interpreter = CONTAINER) {
    this.#name = name;
    this.#container = container;
    this.#interpreter = interpreter;
  }

  async run(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.#run(command, options, ++this.#last);
  }

  async must(command: string, options: CommandOptions = {}): Promise<string> {
    const { status, output, errors } = await this.run(command, options);
    if (status !== 0) {
      const said = (errors.trim() || output.trim()).split('\n').slice(-3).join(' | ');
      throw new InternalFault(`${this.#name}: "${firstLine(command)}" ended with status ${status}: ${said}`);
    }
    return output;
  }

  spawn(command: string, options: CommandOptions = {}): BackgroundCommand {
    const id = ++this.#last;
    const ended = this.#run(command, options, id).catch((error: unknown): CommandResult => ({
      status: 255,
      output: '',
      errors: String(error),
    }));
    return {
      ended,
      stop: async () => {
        await this.#container.exec(['sh', '-c', `kill "$(cat /run/command-${id})" 2>/dev/null; true`]);
        await ended;
      },
    };
  }

  async #run(
    command: string,
    { timeoutSeconds = DEFAULT_SECONDS }: CommandOptions,
    id: number,
  ): Promise<CommandResult> {
    // `timeout` passes a SIGTERM on, and sends it when the time is up; whatever remains is killed three seconds later.
    const { exitCode, stdout, stderr } = await this.#container.exec([
      'sh',
      '-c',
      'echo $$ >"/run/command-$0"; exec timeout -k 3 "$@"',
      String(id),
      String(timeoutSeconds),
      ...this.#interpreter,
      command,
    ]);
    return { status: exitCode, output: stdout, errors: stderr };
  }
}

const firstLine = (command: string): string => command.trim().split('\n')[0] ?? '';
