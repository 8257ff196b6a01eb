import type { RunOptions } from './run.ts';

/** The command line that makes the same run again, as a shell takes it. */
export function reproducingCommand(options: RunOptions): string {
  const { shard } = options;
  const words = [
    'lvs-conformance',
    'run',
    ...each('--target', options.target),
    ...each('--case', options.case),
    ...each('--tag', options.tag),
    ...each('--level', options.level),
    ...each('--profile', options.profile),
    ...each('--setup', options.setup),
    ...each('--shard', shard === undefined ? undefined : `${shard.index}/${shard.count}`),
    ...each('--known', options.known),
    ...(options.strict === true ? ['--strict'] : []),
    ...(options.out === 'conformance-report' ? [] : ['--out', options.out]),
  ];
  return words.map(quote).join(' ');
}

function each(option: string, values: string | readonly string[] | undefined): string[] {
  return [values ?? []].flat().flatMap((value) => [option, value]);
}

/** For a POSIX shell: single quotes where a character could mean something. */
function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
