import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KernelInstallation } from './installation.ts';
import { seriesOf, SUITES } from './suites.ts';

/** Where downloaded packages are kept: those of the machine's own suite, or of another. */
export const cacheFolder = (suite?: string): string =>
  join(
    process.env['LVS_CONFORMANCE_CACHE'] ??
      join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lvs-conformance'),
    suite === undefined ? 'kernel' : `kernel-${suite}`,
  );

/** The file in a cache entry that lists its packages; written last. */
export const MANIFEST = 'packages.json';

/** A tree of files with programs in the usual places: the machine itself, or unpacked packages. */
interface Tree {
  readonly root: string;
  readonly packages: Readonly<Record<string, string>>;
}

const PROGRAM_FOLDERS = ['usr/bin', 'usr/sbin', 'bin', 'sbin'];
export const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib', 'lib'];
const MODULES = 'usr/lib/uml/modules';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const programIn = (tree: Tree, name: string): string | null =>
  PROGRAM_FOLDERS.map((folder) => join(tree.root, folder, name)).find(isExecutable) ?? null;

/** A program of this machine, by PATH and in the folders that are not in everybody's. */
export const programOnHost = (name: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable) ?? programIn({ root: '/', packages: {} }, name);

const cachedTrees = (folder: string): Tree[] => {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => !name.startsWith('.')).flatMap((name) => cachedTree(join(folder, name)));
};

/** None where the manifest is not there or not one: then nothing vouches for the rest. */
const cachedTree = (entry: string): Tree[] => {
  try {
    const packages = JSON.parse(readFileSync(join(entry, MANIFEST), 'utf8')) as Record<string, string>;
    return [{ root: join(entry, 'root'), packages }];
  } catch {
    return [];
  }
};

const installedPackages = (): Record<string, string> => {
  const listing = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${Version}\n', 'user-mode-linux', 'ipvsadm'], {
    encoding: 'utf8',
  });
  const words = (listing.stdout as string | null)?.split('\n').map((line) => line.split(' ')) ?? [];
  return Object.fromEntries(words.flatMap(([name, version]) => (name && version ? [[name, version]] : [])));
};

const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

/** Newest first. */
const byVersion = (left: { readonly version: string }, right: { readonly version: string }): number => {
  const [a, b] = [numbers(left.version), numbers(right.version)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (b[index] ?? 0) - (a[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

interface FoundKernel {
  readonly tree: Tree;
  readonly kernel: string;
  readonly version: string;
  readonly modules: string;
}

/** The kernel of a tree if it runs here (its libraries, and a file system that allows programs) and has its modules. */
const kernelIn = (tree: Tree): FoundKernel[] => {
  const kernel = programIn(tree, 'linux.uml');
  if (kernel === null) return [];
  const { stdout, status } = spawnSync(kernel, ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const version = status === 0 ? stdout.trim() : '';
  const modules = join(tree.root, MODULES, version);
  return version !== '' && existsSync(join(modules, 'modules.dep')) ? [{ tree, kernel, version, modules }] : [];
};

const compilerOn = (trees: readonly Tree[]): readonly string[] | null => {
  const own = ['cc', 'gcc', 'clang'].map(programOnHost).find((path) => path !== null);
  if (own !== undefined) return [own];
  for (const tree of trees) {
    const tcc = programIn(tree, 'tcc');
    if (tcc !== null) return [tcc, '-B', join(tree.root, 'usr/lib/x86_64-linux-gnu/tcc')];
  }
  return null;
};

/** What there is and, by package name, what would have to be had. */
export interface Search {
  readonly installation: KernelInstallation | null;
  readonly missing: readonly string[];
}

/**
 * Looks on this machine and among what was downloaded; downloads nothing.
 * @param series of the kernel; null for the newest that is installed or was downloaded from the machine's own suite: what was downloaded
 * from others does not change which kernel that is
 */
export const searchKernel = (series: string | null = null): Search => {
  const cached = cachedTrees(cacheFolder());
  const trees: Tree[] = [{ root: '/', packages: installedPackages() }, ...cached];
  const best =
    newest(trees, series) ??
    (series === null
      ? undefined
      : newest(
          SUITES.flatMap(({ name }) => cachedTrees(cacheFolder(name))),
          series,
        ));
  const withIpvsadm = trees.find((tree) => programIn(tree, 'ipvsadm') !== null);
  const ipvsadm = withIpvsadm === undefined ? null : programIn(withIpvsadm, 'ipvsadm');
  const perl = programOnHost('perl');
  const compiler = compilerOn(trees);
  const missing = [
    ...(best === undefined ? ['user-mode-linux'] : []),
    ...(ipvsadm === null ? ['ipvsadm'] : []),
    ...(compiler === null ? ['tcc'] : []),
  ];
  if (best === undefined || ipvsadm === null || perl === null) return { installation: null, missing };
  return {
    installation: {
      kernel: best.kernel,
      version: best.version,
      modules: best.modules,
      ipvsadm,
      perl,
      libraries: cached
        .flatMap((tree) => LIBRARY_FOLDERS.map((folder) => join(tree.root, folder)))
        .filter((folder) => existsSync(folder)),
      compiler,
      packages: { ...withIpvsadm?.packages, ...best.tree.packages },
    },
    missing,
  };
};

const newest = (trees: readonly Tree[], series: string | null): FoundKernel | undefined =>
  trees
    .flatMap(kernelIn)
    .filter(({ version }) => series === null || seriesOf(version) === series)
    .sort(byVersion)[0];

/** Why no guest can run on this machine, whatever is downloaded, or null. */
export const hostProblem = (): string | null => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `User Mode Linux needs Linux on x86-64, this is ${process.platform} on ${process.arch}; run it there`;
  }
  return programOnHost('perl') === null
    ? 'a guest needs perl, which is not on this machine: apt-get install perl-base'
    : null;
};

/** The kernel that {@link searchKernel} finds, or why there is none and what mends it. */
export const findKernel = (series: string | null = null): KernelInstallation | { readonly why: string } => {
  const problem = hostProblem();
  if (problem !== null) return { why: problem };
  const { installation, missing } = searchKernel(series);
  if (installation !== null) return installation;
  return {
    why:
      series === null
        ? `not on this machine: ${missing.join(', ')}; a run downloads them, or: apt-get install ${missing.join(' ')}`
        : `not on this machine; a run with --target kernel-${series} downloads it`,
  };
};
