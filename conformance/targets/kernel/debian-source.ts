import { readFileSync } from 'node:fs';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { runProgram } from './run-program.ts';
import { SUITES } from './suites.ts';

/** An apt source for one suite. */
export interface SuiteSource {
  readonly suite: string;
  readonly format: 'sources' | 'list';
  readonly text: string;
}

/** Debian's names for suites by their place, besides those of their own. */
const ALIASES = ['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'];
const NAMES = new Set([...SUITES.map(({ name }) => name), ...ALIASES]);

/** Suites that the machine's own sources name, each with where: `FILE:NUMBER`, of a stanza in `.sources`, of a line in others. */
const ownEntries = async (): Promise<
  { readonly suite: string; readonly codename: string; readonly place: string }[]
> => {
  const { output } = await runProgram('apt-get', [
    'indextargets',
    '--format',
    '$(RELEASE) $(CODENAME) $(SOURCESENTRY)',
    'Created-By: Packages',
    'Component: main',
  ]);
  return output.split('\n').flatMap((line) => {
    const [suite = '', codename = '', place = ''] = line.split(' ');
    return NAMES.has(suite) && place !== '' ? [{ suite, codename, place }] : [];
  });
};

/** Whether the machine's own sources are of this suite. */
export const isOwnSuite = async (suite: string): Promise<boolean> =>
  (await ownEntries()).some((entry) => entry.suite === suite || entry.codename === suite);

/**
 * The machine's own source of Debian packages, asked for another suite: same mirror, same keys, same options.
 * @throws {UnsupportedFeature} where it has none
 */
export const debianSource = async (suite: string): Promise<SuiteSource> => {
  for (const { place } of await ownEntries()) {
    const [, file, number] = /^(.*):(\d+)$/.exec(place) ?? [];
    if (file === undefined || number === undefined) continue;
    const text = readFileSync(file, 'utf8');
    const source = file.endsWith('.sources')
      ? fromStanza(suite, stanzas(text)[Number(number) - 1])
      : fromLine(suite, text.split('\n')[Number(number) - 1]);
    if (source !== null) return source;
  }
  throw new UnsupportedFeature(
    `Debian ${suite} cannot be asked for packages: no package source of this machine is Debian's; add one (sources.list(5))`,
  );
};

const stanzas = (text: string): string[] =>
  text
    .split(/\n(?:[ \t]*\n)+/)
    .map((stanza) => stanza.replace(/^#.*\n?/gm, ''))
    .filter((stanza) => stanza.trim() !== '');

/** sources.list(5), "deb822-style": a field goes on in lines that begin with white space. */
const fromStanza = (suite: string, stanza: string | undefined): SuiteSource | null => {
  if (stanza === undefined) return null;
  const kept = stanza.replace(/^(?:Types|Suites|Components):.*(?:\n[ \t].*)*\n?/gim, '').trim();
  const text = `Types: deb\nSuites: ${suite}\nComponents: main\n${kept}\n`;
  return { suite, format: 'sources', text };
};

/** sources.list(5), "one-line-style". */
const fromLine = (suite: string, line: string | undefined): SuiteSource | null => {
  const [, options = '', uri] = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)/.exec(line ?? '') ?? [];
  return uri === undefined ? null : { suite, format: 'list', text: `deb ${options}${uri} ${suite} main\n` };
};
