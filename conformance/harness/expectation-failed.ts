/** The director did not do what a case demands: the verdict is `fail`. Several short lines: what was expected where, what came, what differs. */
export class ExpectationFailed extends Error {
  override readonly name = 'ExpectationFailed';

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
  }
}
