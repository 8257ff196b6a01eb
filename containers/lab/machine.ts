import type { MachineDeclaration } from '../topologies/topology.ts';

export interface CommandResult {
  /** Exit status. 128 + N where signal N ended it, 124 where the time was up. */
  readonly status: number;
  readonly output: string;
  /** Of standard error. */
  readonly errors: string;
}

/** A command that runs beside others. */
export interface BackgroundCommand {
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<CommandResult>;
  /** Sends SIGTERM to it and all that it started. */
  stop(): Promise<void>;
}

export interface CommandOptions {
  /** Default 30; then the command is ended, with status 124. */
  readonly timeoutSeconds?: number;
}

/** A machine of a running topology: a container, or the user-mode kernel in it. Commands are lines of `sh` and run as root. */
export interface Machine {
  readonly name: string;
  readonly declaration: MachineDeclaration;
  /** The IPv4 address of its first interface. */
  readonly address: string;
  readonly address6: string;
  /** Whatever the exit status. */
  run(command: string, options?: CommandOptions): Promise<CommandResult>;
  /** The output of a command that must succeed; throws InternalFault with its errors where it does not. */
  must(command: string, options?: CommandOptions): Promise<string>;
  spawn(command: string, options?: CommandOptions): BackgroundCommand;
}
