import { Command } from 'commander';
import { explainError } from '../command/explain-error.ts';
import { processTerminal } from '../command/terminal.ts';
import { runContainers, type ContainersOptions } from './runner/run-containers.ts';

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const terminal = processTerminal();
const program = new Command('npm run containers --')
  .description(
    'Runs real clients and real servers around each director, in containers, and judges what arrives and what was on the wire.',
  )
  .option('--case <glob>', "cases by id, e.g. 'vs-nat/*', '*/ftp-*'; may be given several times", collect)
  .option('--director <id>', 'a director by id, e.g. docker-reference; may be given several times', collect)
  .option('--list', 'only lists the cases')
  .option('--out <folder>', 'where the report goes', 'containers-report')
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .action(async (options: ContainersOptions) => {
    process.exitCode = await runContainers(options, terminal);
  });
try {
  await program.parseAsync();
  await terminal.flush();
} catch (error) {
  const { line, status } = explainError(error);
  if (line !== '') terminal.err(`containers: ${line}\n`);
  process.exitCode = status;
}
