/** What every error of this project carries: a stable id, and a message of one line that names the place and the mend. */
abstract class LvsError extends Error {
  abstract readonly id: 'malformed-input' | 'unsupported-feature' | 'internal-fault';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The input is wrong: a frame, a capture, a rules file, an argument. The message says where and how to mend it. */
export class MalformedInput extends LvsError {
  readonly id = 'malformed-input';
}

/** The input is right, but asks for something that is not here: a scheduler, a kernel, a movable clock. */
export class UnsupportedFeature extends LvsError {
  readonly id = 'unsupported-feature';
}

/** Our own fault: an invariant of this project does not hold, or its machinery failed (a lost frame, a guest that died). */
export class InternalFault extends LvsError {
  readonly id = 'internal-fault';
}
