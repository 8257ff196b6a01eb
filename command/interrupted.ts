/** The user stopped the command. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 128 and the number of the signal, as a shell says of a program that the signal ended. */
  readonly status: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${signal}`);
    this.status = signal === 'SIGINT' ? 130 : 143;
  }
}
