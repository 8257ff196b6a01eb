/** The id of the target that a target's captures are compared with (see the runners of both): one that runs in the same surroundings. */
export function referenceOf(target: string): string {
  const [, kind, rerun = ''] = /^(docker-)?.*?( \(\d+\))?$/.exec(target) ?? [];
  return kind === undefined ? 'reference' : `${kind}reference${rerun}`;
}
