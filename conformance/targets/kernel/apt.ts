import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteSource } from './debian-source.ts';
import { type Outcome, runProgram } from './run-program.ts';

const HOOKS = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
];

/**
 * An apt that keeps everything in one folder and needs no root. The machine's keys and proxy settings hold; its hooks, which may touch the
 * machine's own package cache, do not. Its sources hold too, and what it has installed is not downloaded again, unless another suite is
 * asked for: then that is the only source, and nothing counts as installed.
 */
export class Apt {
  /** The folder with the downloaded packages. */
  readonly archives: string;
  readonly #configuration: string;

  constructor(folder: string, source: SuiteSource | null = null) {
    this.archives = join(folder, 'cache/archives');
    this.#configuration = join(folder, 'apt.conf');
    const sources = join(folder, 'sources');
    for (const part of [
      join(folder, 'state/lists/partial'),
      join(this.archives, 'partial'),
      join(folder, 'log'),
      sources,
    ]) {
      mkdirSync(part, { recursive: true });
    }
    if (source !== null) {
      writeFileSync(join(sources, `suite.${source.format}`), source.text);
      writeFileSync(join(folder, 'status'), '');
    }
    const ofSuite = [
      'Dir::Etc::sourcelist "/dev/null";',
      `Dir::Etc::sourceparts "${sources}";`,
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      'APT::Default-Release "";',
    ];
    const lines = [
      `Dir::State "${folder}/state";`,
      `Dir::State::status "${source === null ? '/var/lib/dpkg' : folder}/status";`,
      `Dir::Cache "${folder}/cache";`,
      `Dir::Log "${folder}/log";`,
      ...(source === null ? [] : ofSuite),
      'Debug::NoLocking "true";',
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::Retries "2";',
      ...HOOKS.map((hook) => `#clear ${hook};`),
      '',
    ];
    writeFileSync(this.#configuration, lines.join('\n'));
  }

  /** Reads the package index. */
  update(): Promise<Outcome> {
    return this.#run('apt-get', 'update');
  }

  /** Downloads packages and what they depend on. */
  download(names: readonly string[]): Promise<Outcome> {
    return this.#run('apt-get', '-y', '--no-install-recommends', '--download-only', 'install', ...names);
  }

  /** The version of a package that would be downloaded, or null where the index has none. */
  async candidate(name: string): Promise<string | null> {
    const { output } = await this.#run('apt-cache', 'policy', name);
    const version = /^\s*Candidate:\s*(\S+)/m.exec(output)?.[1];
    return version === undefined || version === '(none)' ? null : version;
  }

  #run(program: string, ...args: readonly string[]): Promise<Outcome> {
    return runProgram(program, ['-c', this.#configuration, '-q', ...args]);
  }
}
