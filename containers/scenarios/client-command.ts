import { ExpectationFailed } from '../../conformance/harness/expectation-failed.ts';
import type { CommandOptions, Machine } from '../lab/machine.ts';

/**
 * What a client's command printed. That it must succeed is required of the director, not of the laboratory: where it does not, the
 * scenario has failed.
 */
export async function clientCommand(client: Machine, command: string, options?: CommandOptions): Promise<string> {
  const { status, output, errors } = await client.run(command, options);
  if (status === 0) return output;
  const said = (errors.trim() || output.trim()).split('\n').slice(-3).join(' | ');
  throw new ExpectationFailed([
    `success was required of ${client.name}: ${command}`,
    `it ended with status ${status}: ${said}`,
  ]);
}
