import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UnsupportedFeature } from '../../reference/errors.ts';
import { debianSource } from '../../conformance/targets/kernel/debian-source.ts';
import { programOnHost } from '../../conformance/targets/kernel/find-kernel.ts';
import { runProgram } from '../../conformance/targets/kernel/run-program.ts';
import { imageIdIn } from './engine-answer.ts';
import type { Docker } from './engine.ts';
import type { BuildOptions } from './image.ts';
import { MMDEBSTRAP_ARGUMENTS } from './image-recipe.ts';
import { SUITE } from './packages.ts';
import { removeImage } from './remove.ts';

const INSTALL = 'apt-get install mmdebstrap debian-archive-keyring';
/** What apt says of a suite whose key the machine does not trust. */
const UNTRUSTED = /NO_PUBKEY|is not signed|Missing key/;

/** Null, or why no image can be made of packages here. */
export const problemOfPackages = (): string | null =>
  programOnHost('mmdebstrap') === null ? `this machine has no mmdebstrap: ${INSTALL}` : null;

/** Makes the image of Debian's packages, from the machine's own mirror, and hands it to the engine as it is made. Answers its id. */
export async function buildFromPackages(docker: Docker, { folder, label, signal }: BuildOptions): Promise<string> {
  const source = await ownSource();
  const settings = (await downloadSettings()).map((setting) => `--aptopt=${setting}`);
  const mirror = source === null ? [] : ['-'];
  const [program, ...words] = [...confined(), 'mmdebstrap', ...settings, ...MMDEBSTRAP_ARGUMENTS, ...mirror];
  const child = spawn(program, words, {
    signal,
    // Where it fails it ends all of its process group, which shall not be ours.
    detached: true,
    env: { ...process.env, LC_ALL: 'C', ...(isRoot() ? { TMPDIR: folder } : {}) },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(source ?? '');
  const ended = once(child, 'close') as Promise<[number | null]>;
  const changes = Object.entries(label).map(([name, value]) => `LABEL ${name}=${value}`);
  const answer = docker.importImage(child.stdout, { changes, abortSignal: signal }).then(imageIdIn);
  const image = answer.catch((error: unknown) => {
    // Nobody reads on: the program would wait for ever.
    child.stdout.destroy();
    return { error };
  });
  // The archive may end too early because the program failed: then its reason counts, and no image was named.
  const [[status], made] = await Promise.all([ended, image]);
  if (status !== 0) {
    if (typeof made === 'string') await removeImage(docker, made);
    const lines = complaints.split('\n').filter((line) => line.trim() !== '');
    // The first error is what went wrong; the others are what followed from it.
    const said = lines.find((line) => line.startsWith('E: ')) ?? lines.at(-1) ?? `exit status ${status ?? 'unknown'}`;
    throw new UnsupportedFeature(`mmdebstrap: ${said}; ${UNTRUSTED.test(said) ? INSTALL : 'mend that and run again'}`);
  }
  if (typeof made === 'string') return made;
  throw made.error;
}

const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * Has a program end with this process, even where that is killed. What root runs mounts file systems into the tree that it makes: in
 * namespaces of its own those are gone with it, and nothing of this machine hangs in a tree that is swept. Others have such namespaces
 * anyway, and could not make them twice.
 */
const confined = (): readonly [string, ...string[]] =>
  isRoot()
    ? ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--mount-proc', '--kill-child']
    : ['setpriv', '--pdeathsig', 'TERM'];

/** The machine's own mirror and keys; null where it has none of Debian: then mmdebstrap knows a public one. */
async function ownSource(): Promise<string | null> {
  try {
    return (await debianSource(SUITE)).text;
  } catch (error) {
    if (error instanceof UnsupportedFeature) return null;
    throw error;
  }
}

/** How the machine's own apt is told to download: proxies, certificates. */
async function downloadSettings(): Promise<readonly string[]> {
  const { output } = await runProgram('apt-config', ['dump']);
  return output.split('\n').filter((line) => /^Acquire::https?::\S+ "[^"]/.test(line));
}
