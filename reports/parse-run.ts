import type {
  Check,
  ConnectionNews,
  DirectorLoad,
  FirstDifference,
  FrameCount,
  Level,
  Listing,
  Run,
  RunCase,
  RunResult,
  RunTarget,
  Verdict,
} from '../conformance/harness/run.ts';
import { MalformedInput } from '../reference/errors.ts';
import { METHODS } from './scale/method-names.ts';
import { VERDICTS } from './verdict-counts.ts';

const LEVELS = ['core', 'ipvs'] as const satisfies readonly Level[];

/**
 * The text of a `run.json`. Fields that nobody asks for are left out. Throws MalformedInput `FILE: PATH: what is wrong`: besides wrong
 * types, for ids that are taken twice, results of unknown cases or targets, and captures outside the folder `captures/TARGET/`.
 */
export function parseRun(text: string, file: string): Run {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MalformedInput(
      `${file}: is not JSON (${error instanceof Error ? error.message : String(error)}); give a run.json that is whole`,
    );
  }
  return new Reader(file).run(parsed);
}

class Reader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  run(value: unknown): Run {
    const fields = this.#fields(value, 'the file');
    const tool = this.#fields(fields['tool'], 'tool');
    if (tool['name'] !== 'lvs-conformance') {
      throw this.#wrong('tool.name', 'is not "lvs-conformance"; give the run.json of one of its runs');
    }
    if (fields['schema'] !== 1) {
      throw this.#wrong(
        'schema',
        `is ${JSON.stringify(fields['schema'] ?? null)}, and this version reads 1; read it with the version that wrote it`,
      );
    }
    const run = whole<Run>({
      schema: 1,
      tool: {
        name: 'lvs-conformance',
        version: this.#text(tool['version'], 'tool.version'),
        command: this.#text(tool['command'], 'tool.command'),
      },
      startedAt: this.#time(fields['startedAt'], 'startedAt'),
      durationMs: this.#number(fields['durationMs'], 'durationMs'),
      targets: this.#list(fields['targets'], 'targets', (target, path) => this.#target(target, path)),
      cases: this.#list(fields['cases'], 'cases', (item, path) => this.#case(item, path)),
      results: this.#list(fields['results'], 'results', (result, path) => this.#result(result, path)),
    });
    this.#requireOnce(run.targets, 'targets', ({ id }) => id);
    this.#requireOnce(run.cases, 'cases', ({ id }) => id);
    this.#requireOnce(run.results, 'results', (result) => `${result.case} on ${result.target}`);
    this.#requireKnown(run, 'case', run.cases);
    this.#requireKnown(run, 'target', run.targets);
    return run;
  }

  #target(value: unknown, path: string): RunTarget {
    const fields = this.#fields(value, path);
    return whole<RunTarget>({
      id: this.#id(fields['id'], `${path}.id`),
      description: this.#text(fields['description'], `${path}.description`),
      version: this.#text(fields['version'], `${path}.version`),
      profile: optional(fields['profile'], (profile) => this.#text(profile, `${path}.profile`)),
      features: this.#texts(fields['features'], `${path}.features`),
    });
  }

  #case(value: unknown, path: string): RunCase {
    const fields = this.#fields(value, path);
    return whole<RunCase>({
      id: this.#id(fields['id'], `${path}.id`),
      title: this.#text(fields['title'], `${path}.title`),
      requirement: this.#text(fields['requirement'], `${path}.requirement`),
      source: this.#texts(fields['source'], `${path}.source`),
      level: this.#oneOf(fields['level'], `${path}.level`, LEVELS),
      tags: this.#texts(fields['tags'], `${path}.tags`),
      needs: this.#texts(fields['needs'], `${path}.needs`),
    });
  }

  #result(value: unknown, path: string): RunResult {
    const fields = this.#fields(value, path);
    const target = this.#id(fields['target'], `${path}.target`);
    return whole<RunResult>({
      case: this.#id(fields['case'], `${path}.case`),
      target,
      verdict: this.#oneOf<Verdict>(fields['verdict'], `${path}.verdict`, VERDICTS),
      durationMs: this.#number(fields['durationMs'], `${path}.durationMs`),
      reason: this.#text(fields['reason'], `${path}.reason`),
      deviations: this.#texts(fields['deviations'], `${path}.deviations`),
      capture: fields['capture'] === null ? null : this.#capture(fields['capture'], `${path}.capture`, target),
      firstDifference:
        fields['firstDifference'] === null
          ? null
          : this.#difference(fields['firstDifference'], `${path}.firstDifference`),
      listings: optional(fields['listings'], (listings) =>
        this.#list(listings, `${path}.listings`, (listing, at) => this.#listing(listing, at)),
      ),
      checks: optional(fields['checks'], (checks) =>
        this.#list(checks, `${path}.checks`, (check, at) => this.#check(check, at)),
      ),
      loads: optional(fields['loads'], (loads) =>
        this.#list(loads, `${path}.loads`, (load, at) => this.#load(load, at)),
      ),
    });
  }

  #listing(value: unknown, path: string): Listing {
    const fields = this.#fields(value, path);
    return whole<Listing>({
      ...this.#instant(fields, path),
      news: this.#list(fields['news'], `${path}.news`, (news, at) => this.#news(news, at)),
    });
  }

  #news(value: unknown, path: string): ConnectionNews {
    const fields = this.#fields(value, path);
    return whole<ConnectionNews>({
      protocol: this.#text(fields['protocol'], `${path}.protocol`),
      client: this.#text(fields['client'], `${path}.client`),
      virtual: this.#text(fields['virtual'], `${path}.virtual`),
      state: fields['state'] === null ? null : this.#text(fields['state'], `${path}.state`),
      expires: fields['expires'] === null ? null : this.#number(fields['expires'], `${path}.expires`),
    });
  }

  #check(value: unknown, path: string): Check {
    const fields = this.#fields(value, path);
    return whole<Check>({
      ...this.#instant(fields, path),
      what: this.#text(fields['what'], `${path}.what`),
      required: this.#text(fields['required'], `${path}.required`),
      actual: this.#text(fields['actual'], `${path}.actual`),
    });
  }

  #load(value: unknown, path: string): DirectorLoad {
    const fields = this.#fields(value, path);
    const cost = fields['secondsPerFrame'];
    return whole<DirectorLoad>({
      method: this.#oneOf(fields['method'], `${path}.method`, METHODS),
      answerBytes: this.#number(fields['answerBytes'], `${path}.answerBytes`),
      requests: this.#index(fields['requests'], `${path}.requests`),
      toServers: this.#count(fields['toServers'], `${path}.toServers`),
      toClients: this.#count(fields['toClients'], `${path}.toClients`),
      secondsPerFrame: cost === null ? null : this.#number(cost, `${path}.secondsPerFrame`),
    });
  }

  #count(value: unknown, path: string): FrameCount {
    const fields = this.#fields(value, path);
    return whole<FrameCount>({
      frames: this.#number(fields['frames'], `${path}.frames`),
      bytes: this.#number(fields['bytes'], `${path}.bytes`),
    });
  }

  #instant(fields: Readonly<Record<string, unknown>>, path: string): Pick<Check, 'frames' | 'time'> {
    return {
      frames: this.#index(fields['frames'], `${path}.frames`),
      time: this.#number(fields['time'], `${path}.time`),
    };
  }

  #difference(value: unknown, path: string): FirstDifference {
    const fields = this.#fields(value, path);
    return whole<FirstDifference>({
      frame: this.#index(fields['frame'], `${path}.frame`),
      left: fields['left'] === null ? null : this.#index(fields['left'], `${path}.left`),
      right: fields['right'] === null ? null : this.#index(fields['right'], `${path}.right`),
      layer: optional(fields['layer'], (layer) => this.#text(layer, `${path}.layer`)),
      field: optional(fields['field'], (field) => this.#text(field, `${path}.field`)),
      offset: optional(fields['offset'], (offset) => this.#index(offset, `${path}.offset`)),
      expected: this.#text(fields['expected'], `${path}.expected`),
      observed: this.#text(fields['observed'], `${path}.observed`),
    });
  }

  #fields(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong(path, 'is no object');
    }
    return { ...value };
  }

  #list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): T[] {
    if (!Array.isArray(value)) {
      throw this.#wrong(path, 'is no list');
    }
    return value.map((item: unknown, index) => read(item, `${path}[${index}]`));
  }

  #texts(value: unknown, path: string): string[] {
    return this.#list(value, path, (item, at) => this.#text(item, at));
  }

  #text(value: unknown, path: string): string {
    if (typeof value !== 'string') {
      throw this.#wrong(path, 'is no text');
    }
    return value;
  }

  /** Ids name files: one that is a path, or cannot be written, could lead anywhere. */
  #id(value: unknown, path: string): string {
    const id = this.#text(value, path);
    if (!isRelativePath(id)) {
      throw this.#wrong(path, `${JSON.stringify(id)} is no id`);
    }
    return id;
  }

  #capture(value: unknown, path: string, target: string): string {
    const capture = this.#text(value, path);
    if (!capture.startsWith(`captures/${target}/`) || !isRelativePath(capture)) {
      throw this.#wrong(path, `${JSON.stringify(capture)} is not below captures/${target}/`);
    }
    return capture;
  }

  #oneOf<T extends string>(value: unknown, path: string, known: readonly T[]): T {
    const found = known.find((item) => item === value);
    if (found === undefined) {
      throw this.#wrong(path, `is none of ${known.join(', ')}`);
    }
    return found;
  }

  #index(value: unknown, path: string): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw this.#wrong(path, 'is no whole number from 0');
    }
    return value;
  }

  #number(value: unknown, path: string): number {
    if (typeof value !== 'number' || value < 0) {
      throw this.#wrong(path, 'is no number from 0');
    }
    return value;
  }

  #time(value: unknown, path: string): string {
    const text = this.#text(value, path);
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) || Number.isNaN(Date.parse(text))) {
      throw this.#wrong(path, 'is no time like 2026-01-31T23:59:59.000Z');
    }
    return text;
  }

  #requireOnce<T>(items: readonly T[], path: string, name: (item: T) => string): void {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      if (seen.has(name(item))) {
        throw this.#wrong(`${path}[${index}]`, `${JSON.stringify(name(item))} is there twice`);
      }
      seen.add(name(item));
    }
  }

  #requireKnown({ results }: Run, what: 'case' | 'target', items: readonly { readonly id: string }[]): void {
    const known = new Set(items.map(({ id }) => id));
    for (const [index, result] of results.entries()) {
      if (!known.has(result[what])) {
        throw this.#wrong(`results[${index}].${what}`, `${JSON.stringify(result[what])} is not among the ${what}s`);
      }
    }
  }

  #wrong(path: string, what: string): MalformedInput {
    return new MalformedInput(`${this.#file}: ${path}: ${what}`);
  }
}

/** Names divided by slashes, none of them empty, `.` or `..`, and no character that a file system or a terminal takes amiss. */
function isRelativePath(text: string): boolean {
  return !/[\\\p{Cc}]/u.test(text) && text.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

/** A value of which optional fields may be undefined here; none may be forgotten, or what a later version adds would get lost on the way. */
function whole<T extends object>(fields: { readonly [K in keyof Required<T>]: T[K] }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}
