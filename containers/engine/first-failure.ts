import type { StartedTestContainer } from 'testcontainers';

export interface Failure {
  readonly command: string;
  /** The last line of what it said. */
  readonly said: string;
}

/** Runs commands of `sh` in a container up to the first that fails; null where none does. */
export async function firstFailure(
  container: StartedTestContainer,
  commands: readonly string[],
): Promise<Failure | null> {
  const script = commands.map(
    (command, index) => `said=$( { ${command}; } 2>&1 ) || { echo "${index}\n$said"; exit; }`,
  );
  const { stdout, stderr, exitCode } = await container.exec(['sh', '-c', script.join('\n')]);
  if (exitCode !== 0) return { command: 'sh', said: stderr.trim() };
  const [index = '', ...said] = stdout.trim().split('\n');
  const command = commands[Number(index)];
  return index === '' || command === undefined ? null : { command, said: said.at(-1) ?? 'without a word' };
}
