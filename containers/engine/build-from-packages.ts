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

const INSTALL = 'apt-get install mmdebstrap debian-archive-keyring';

/** Null, or why no image can be made of packages here. */
export const problemOfPackages = (): string | null =>
  programOnHost('mmdebstrap') === null ? `this machine has no mmdebstrap: ${INSTALL}` : null;

/** Makes the image of Debian's packages, from the machine's own mirror, and hands it to the engine as it is made. Answers its id. */
export async function buildFromPackages(docker: Docker, { label, signal }: BuildOptions): Promise<string> {
  const source = await ownSource();
  const settings = (await downloadSettings()).map((setting) => `--aptopt=${setting}`);
  const child = spawn('mmdebstrap', [...settings, ...MMDEBSTRAP_ARGUMENTS, ...(source === null ? [] : ['-'])], {
    signal,
    env: { ...process.env, LC_ALL: 'C' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(source ?? '');
  const ended = once(child, 'close') as Promise<[number | null]>;
  const changes = Object.entries(label).map(([name, value]) => `LABEL ${name}=${value}`);
  const answer = docker.importImage(child.stdout, { changes, abortSignal: signal }).then(imageIdIn);
  // The archive may end too early because the program failed: then its reason counts, and no image was named.
  const [[status], image] = await Promise.all([ended, answer.catch((error: unknown) => ({ error }))]);
  if (status !== 0) {
    const lines = complaints.split('\n').filter((line) => line.trim() !== '');
    const said = lines.find((line) => /^E: /.test(line) && !/mmdebstrap failed/.test(line)) ?? lines.at(-1);
    throw new UnsupportedFeature(`mmdebstrap: ${said ?? `exit status ${status ?? 'unknown'}`}; ${INSTALL}`);
  }
  if (typeof image === 'string') return image;
  throw image.error;
}

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
