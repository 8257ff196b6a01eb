import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const LIMIT_MS = 180_000;
const folder = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => rmSync(folder, { recursive: true }));

function npm(...parameters: readonly string[]): void {
  execFileSync('npm', [...parameters, '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: parameters[0] === 'pack' ? '.' : folder,
    stdio: 'pipe',
  });
}

/** Installed packages that the product needs, as the lock file says. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const names = Object.keys(lock.packages).filter((path) => path !== '' && lock.packages[path]?.dev !== true);
  return names.filter((path) => existsSync(path));
}

/** What a user gets with `npm install`, made of the packages that are here: no network is needed. */
beforeAll(() => {
  npm(
    'pack',
    '.',
    ...productionPackages().map((path) => `./${path}`),
    '--pack-destination',
    folder,
    '--ignore-scripts',
  );
  const tarballs = readdirSync(folder).map((name) => `./${name}`);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  npm('install', '--offline', '--ignore-scripts', ...tarballs);
}, LIMIT_MS);

describe('the package as it is installed', () => {
  const [, snippet = ''] = /```js\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? [];

  test('runs the program of the README', () => {
    writeFileSync(join(folder, 'program.js'), snippet);
    const out = execFileSync(process.execPath, ['program.js'], { cwd: folder, encoding: 'utf8' });
    const [sent = '', ...listing] = out.trimEnd().split('\n');
    expect(sent).toMatch(/^out of port 0: .*10\.0\.0\.2.*40001.*10\.0\.0\.11.*8080/);
    expect(listing.join('\n')).toMatch(/TCP 00:45 +SYN_RECV +10\.0\.0\.2:40001 +10\.0\.0\.100:80 +10\.0\.0\.11:8080/);
  });

  test('has the types that the program needs, and they need nothing else', { timeout: LIMIT_MS }, () => {
    writeFileSync(join(folder, 'program.ts'), snippet);
    const wrong = snippet.replace(
      /ports: .*/,
      "// @ts-expect-error: a port has a name\n    ports: [{ mac: '', addresses: [], mtu: 1 }],",
    );
    writeFileSync(join(folder, 'wrong.ts'), wrong);
    writeFileSync(join(folder, 'console.d.ts'), 'declare const console: { log(text: string): void };');
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', lib: ['es2023'], types: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const tsc = resolve('node_modules/typescript/bin/tsc');
    expect(spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' }).stdout).toBe('');
  });

  test('is a command without any development package', () => {
    const program = join(folder, 'node_modules/.bin/lvs-conformance');
    expect(execFileSync(program, ['list'], { cwd: folder, encoding: 'utf8' })).toMatch(/nat\//);
    expect(existsSync(join(folder, 'node_modules/typescript'))).toBe(false);
  });

  test('lets nobody import its insides', () => {
    writeFileSync(join(folder, 'inside.js'), "import 'lvs-conformance/dist/reference/director.js';");
    expect(() => execFileSync(process.execPath, ['inside.js'], { cwd: folder, stdio: 'pipe' })).toThrow(
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
    );
  });
});
