/**
 * Makes a fresh clone runnable with nothing but Node and npm: installs the packages, compiles the sources. Does nothing where both
 * are up to date, and nothing in an installed package, which brings its compiled files along.
 *
 *     node bin/setup.js
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldestNode = 20;
const sourceFolders = ['command', 'reference', 'conformance', 'generators', 'reports', 'containers'];

/** What stands in the way, as one line with the mend. */
export class SetupError extends Error {}

/** Brings a clone up to date; tells in one line each what it does. Throws {@link SetupError}. */
export function setUp(tell = (line) => process.stderr.write(`${line}\n`)) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: install Node ${oldestNode} or newer (https://nodejs.org)`,
    );
  }
  if (!existsSync(join(root, 'tsconfig.build.json'))) {
    return;
  }
  if (packagesAreStale()) {
    tell('setup: installing packages (npm ci)');
    installPackages();
  }
  const sources = sourceFiles();
  if (compiledFilesAreStale(sources)) {
    tell('setup: compiling (tsc)');
    compile(sources);
  }
}

/** npm writes `node_modules/.package-lock.json` as the last thing of an installation. */
function packagesAreStale() {
  const installed = modified(join(root, 'node_modules/.package-lock.json'));
  return installed < modified(join(root, 'package-lock.json'));
}

function installPackages() {
  // npm tells its own path to the scripts that it runs; by itself it is a program on the PATH.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // Without `--include=dev` a NODE_ENV of `production` would leave the compiler out.
  const result = run([...npm, 'ci', '--include=dev', '--fetch-retries=1', '--loglevel=error']);
  if (result.error !== undefined) {
    throw new SetupError(
      `npm cannot be started (${result.error.message}): install npm, which comes with Node, and try again`,
    );
  }
  if (result.status !== 0) {
    const lines = result.stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
    const code = lines.find((line) => line.startsWith('code '))?.slice(5);
    const said = lines.find((line) => line !== '' && !/^(code|errno|syscall) /.test(line)) ?? 'no reason given';
    const mend = /^(ENOTFOUND|EAI_AGAIN|ECONN|ENET|EHOST|ETIMEDOUT|ERR_SOCKET|UNABLE_TO|CERT_|SELF_SIGNED)/.test(
      code ?? '',
    )
      ? 'check the network connection (or npm config get registry, proxy) and try again'
      : 'run "npm ci" to see all of it';
    throw new SetupError(`npm ci failed (${code ?? `exit status ${result.status}`}: ${said}); ${mend}`);
  }
}

function sourceFiles() {
  return [
    'tsconfig.json',
    'tsconfig.build.json',
    ...sourceFolders
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) => filesBelow(join(root, folder)))
      .filter((file) => file.endsWith('.ts') && !/\.(test|bench)\.ts$/.test(file))
      .map((file) => relative(root, file))
      .sort(),
  ];
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The stamp holds the list of sources: a source that was deleted or renamed makes the compiled files stale too. */
function compiledFilesAreStale(sources) {
  const stamp = join(root, 'dist/.sources');
  const compiled = modified(stamp);
  return (
    sources.some((file) => modified(join(root, file)) > compiled) || readFileSync(stamp, 'utf8') !== sources.join('\n')
  );
}

/** Compiles beside `dist/` and renames: whoever runs the old files meanwhile keeps a whole set. */
function compile(sources) {
  const started = Date.now();
  const name = `dist.${process.pid}`;
  const fresh = join(root, name);
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const result = run([process.execPath, tsc, '-p', 'tsconfig.build.json', '--outDir', name, '--pretty', 'false']);
    if (result.status !== 0) {
      const said = result.stdout.split('\n').find((line) => line !== '') ?? result.error?.message ?? 'no reason given';
      throw new SetupError(`the sources do not compile: ${said}; run "npm run typecheck" to see all of it`);
    }
    writeFileSync(join(fresh, '.sources'), sources.join('\n'));
    // A source saved while the compiler ran is newer than what was compiled.
    utimesSync(join(fresh, '.sources'), started / 1000, started / 1000);
    const old = join(root, `${name}.old`);
    if (existsSync(join(root, 'dist'))) {
      renameSync(join(root, 'dist'), old);
    }
    renameSync(fresh, join(root, 'dist'));
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function run([program, ...parameters]) {
  return spawnSync(program, parameters, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Milliseconds; 0 for a file that is not there, which is older than every other. */
function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    setUp();
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error;
    }
    process.stderr.write(`setup: ${error.message}\n`);
    process.exitCode = 2;
  }
}
