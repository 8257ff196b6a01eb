import type { MachineDeclaration } from '../topologies/topology.ts';
import type { BackgroundCommand, CommandOptions, CommandResult, Machine } from './machine.ts';
import type { Shell } from './shell.ts';

export class StartedMachine implements Machine {
  readonly declaration: MachineDeclaration;
  readonly #shell: Shell;

  constructor(declaration: MachineDeclaration, shell: Shell) {
    this.declaration = declaration;
    this.#shell = shell;
  }

  get name(): string {
    return this.declaration.name;
  }

  get address(): string {
    return this.#address((text) => !text.includes(':'));
  }

  get address6(): string {
    return this.#address((text) => text.includes(':'));
  }

  run(command: string, options?: CommandOptions): Promise<CommandResult> {
    return this.#shell.run(command, options);
  }

  must(command: string, options?: CommandOptions): Promise<string> {
    return this.#shell.must(command, options);
  }

  spawn(command: string, options?: CommandOptions): BackgroundCommand {
    return this.#shell.spawn(command, options);
  }

  #address(isOfFamily: (text: string) => boolean): string {
    const prefixes = this.declaration.interfaces.flatMap(({ addresses }) => addresses);
    return prefixes.find(isOfFamily)?.split('/')[0] ?? '';
  }
}
