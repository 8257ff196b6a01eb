import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { suite } from '../conformance/cases/index.ts';
import { writeCapture } from '../conformance/captures/write-capture.ts';
import { ethernet, ip, tcp } from '../reference/wire/layer.ts';
import { buildPacket } from '../reference/wire/packet.ts';
import { commandLine } from './testing/captured-terminal.ts';
import { wholeSuite } from './under-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function capture(name: string, ...destinations: readonly string[]): string {
  const path = join(folder, name);
  const frames = destinations.map((destination, index) => {
    const bytes = buildPacket([
      ethernet({ destination }),
      ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
      tcp({ destinationPort: 80, flags: 'S' }),
    ]);
    return { timeNs: BigInt(index) * 1_000_000_000n, interface: 0, bytes, originalLength: bytes.length };
  });
  writeCapture(path, { interfaces: [{ name: '', snaplen: 0 }], frames });
  return path;
}

const good = capture('good.pcap', '02:00:00:00:00:c1');
const rules = file('rules.txt', '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 10.0.0.11:80 -m\n');
const reference = suite[0]?.id ?? '';

/** An output folder under each name, so that nothing of one test is seen by another. */
let outputs = 0;
function newFolder(): string {
  outputs += 1;
  return join(folder, `out-${outputs}`);
}

describe('help', () => {
  test.each([
    ['--help'],
    ['run', '--help'],
    ['list', '--help'],
    ['targets', '--help'],
    ['replay', '--help'],
    ['diff', '--help'],
    ['compare', '--help'],
    ['report', '--help'],
  ])('%s %s describes, gives examples and the exit status', async (...words) => {
    const { status, out, err } = await commandLine(words);
    expect(status).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/^Usage: lvs-conformance/);
    expect(out).toMatch(/\nExamples:\n {2}lvs-conformance /);
    expect(out).toMatch(/\nExit status:\n {2}0 /);
  });

  test('is what a bare call shows', async () => {
    expect((await commandLine([])).out).toBe((await commandLine(['--help'])).out);
  });

  test('--version is the version in package.json', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await commandLine(['--version'])).toEqual({ status: 0, out: `${version}\n`, err: '' });
  });
});

describe('bad input is one line that names it, with status 2, and nothing is written', () => {
  const cut = file('cut.pcap', readFileSync(good).subarray(0, 60));
  const notACapture = file('not.pcap', 'hello, world: this is no capture at all');
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown command', ['rnu'], /unknown command 'rnu' \(Did you mean run\?\)/],
    ['an unknown option', ['run', '--tarjet', 'x'], /unknown option '--tarjet'/],
    ['a word too many', ['run', 'everything'], /too many arguments/],
    ['an option without its value', ['run', '--case'], /--case/],
    ['an unknown target', ['run', '--target', 'windows'], /unknown target 'windows'.*reference/],
    ['a glob that fits nothing', ['run', '--case', 'nowhere/*'], /no case fits 'nowhere\/\*'/],
    ['an unknown tag', ['run', '--tag', 'nonsense'], /no tag fits 'nonsense'/],
    ['an unknown level', ['run', '--level', 'high'], /--level.*'high'.*core, ipvs/],
    ['an unknown profile', ['run', '--profile', 'toString'], /--profile toString/],
    ['a shard beyond the last', ['run', '--shard', '5/3'], /--shard.*'5\/3'/],
    ['shard 0', ['run', '--shard', '0/3'], /--shard.*'0\/3'/],
    ['a shard that is no fraction', ['run', '--shard', 'half'], /--shard.*'half'/],
    ['known failures that are not there', ['run', '--known', join(folder, 'absent')], /absent: cannot be read/],
    ['a known failure without a reason', ['run', '--known', file('known', '# why\nreference nat/x\n')], /known:2: /],
    ['an output folder that is a file', ['run', '--out', good], /good\.pcap: is not a folder/],
    ['an output folder below a file', ['run', '--out', join(good, 'x')], /cannot be written \(ENOTDIR/],
    ['a device as output folder', ['run', '--out', '/dev/full'], /\/dev\/full: is not a folder/],
    ['replay without rules', ['replay', good, '--out', join(folder, 'r.pcap')], /--rules/],
    [
      'replay without a capture',
      ['replay', '--rules', rules, '--out', join(folder, 'r.pcap')],
      /missing required argument 'capture'/,
    ],
    ['a capture that is not there', replaying(join(folder, 'absent.pcap')), /absent\.pcap: cannot be read/],
    ['a capture cut short', replaying(cut), /cut\.pcap: byte 40, frame 1: /],
    ['a file that is no capture', replaying(notACapture), /not\.pcap: byte 0: neither pcap nor pcapng/],
    ['a folder as capture', replaying(folder), /cannot be read \(EISDIR/],
    ['a capture without a director', replaying(capture('none.pcap')), /none\.pcap: no frame goes to one MAC address/],
    [
      'an unknown scheduler',
      replaying(good, file('bad.txt', '# mine\n\n-A -t 10.0.0.100:80 -s fastest\n')),
      /bad\.txt:3: .*fastest/,
    ],
    [
      'a rule that is no command',
      replaying(good, file('prose.txt', '-A -t 10.0.0.100:80 -s rr\nplease balance\n')),
      /prose\.txt:2: /,
    ],
    [
      'a server of no service',
      replaying(good, file('orphan.txt', '-a -t 10.0.0.100:80 -r 10.0.0.11:80 -m\n')),
      /orphan\.txt:1: /,
    ],
    [
      'rules that are no text',
      replaying(good, file('binary.txt', Uint8Array.of(0xff, 0xfe, 0x80))),
      /binary\.txt: cannot be read as text/,
    ],
    [
      'an environment that is no JSON',
      [...replaying(good), '--environment', file('e1.json', '{ports: }')],
      /e1\.json: is not JSON/,
    ],
    [
      'an environment without ports',
      [...replaying(good), '--environment', file('e2.json', '{}')],
      /e2\.json: ports: give a list/,
    ],
    [
      'a wrong MAC address',
      [...replaying(good), '--environment', file('e3.json', '{"ports":[{"name":"a","mac":"02:0"}]}')],
      /e3\.json: ports\[0\]\.mac: '02:0'/,
    ],
    [
      'a misspelt field',
      [...replaying(good), '--environment', file('e4.json', '{"ports":[],"rutes":[]}')],
      /e4\.json: the file: has no field "rutes"/,
    ],
    [
      'an output name without a format',
      ['replay', good, '--rules', rules, '--out', join(folder, 'answers.txt')],
      /answers\.txt: .*\.pcapng or \.pcap/,
    ],
    ['a full disk', ['replay', good, '--rules', rules, '--out', '/dev/full'], /\/dev\/full/],
    ['diff with one capture', ['diff', good], /missing required argument 'b'/],
    ['diff with a damaged capture', ['diff', good, cut], /cut\.pcap: byte 40, frame 1: /],
  ];

  function replaying(path: string, rulesFile = rules): string[] {
    return ['replay', path, '--rules', rulesFile, '--out', join(folder, 'answers.pcapng')];
  }

  test.each(cases)('%s', async (_name, words, message) => {
    const before = readdirSync(folder);
    const elsewhere = words[0] === 'run' && !words.includes('--out') ? ['--out', join(folder, 'never')] : [];
    const parameters = [...words.slice(0, 1), ...elsewhere, ...words.slice(1)];
    const { status, out, err } = await commandLine(parameters);
    expect(err).toMatch(/^lvs-conformance: [^\n]+\n$/);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\bat .*:\d+:\d+|node:internal|\[object/);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(readdirSync(folder)).toEqual(before);
  });

  test('control characters of a file name do not reach the terminal', async () => {
    const { err } = await commandLine(['diff', good, 'a\u001b[2J\nb.pcap']);
    expect(err).toMatch(/^lvs-conformance: [^\n\u001b]+\n$/);
  });
});

describe('list', () => {
  test('names every case, a line each', async () => {
    const { status, out } = await commandLine(['list']);
    expect(status).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(wholeSuite.map(({ id }) => id));
  });

  test('--json gives all there is to know', async () => {
    const { out } = await commandLine(['list', '--json']);
    const cases = JSON.parse(out) as Record<string, unknown>[];
    expect(cases).toHaveLength(wholeSuite.length);
    expect(Object.keys(cases[0] ?? {})).toEqual(['id', 'title', 'requirement', 'source', 'level', 'tags', 'needs']);
  });
});

describe('targets', () => {
  test('has the reference, which always runs', async () => {
    const { status, out } = await commandLine(['targets', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ id: 'reference', available: true, mend: null }));
  });

  test.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'has the kernel of each Debian suite, with what downloads it, and downloads nothing',
    async () => {
      vi.stubEnv('LVS_CONFORMANCE_CACHE', join(folder, 'empty'));
      const { out } = await commandLine(['targets']);
      vi.unstubAllEnvs();
      expect(out).toMatch(
        /^kernel-6\.12 +not here +.*\n +not on this machine; a run with --target kernel-6\.12 downloads it$/m,
      );
      expect(existsSync(join(folder, 'empty'))).toBe(false);
      const ids = out.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

describe('profiles', () => {
  test.each([
    ['paper', 'paper'],
    ['linux', 'linux-6.1'],
    ['linux-6.1.192', 'linux-6.1.191'],
    ['linux-7.2', 'linux-7.2'],
  ])('--profile %s is %s', async (name, id) => {
    const words = ['run', '--target', 'reference', '--case', reference, '--profile', name, '--out', newFolder()];
    expect((await commandLine(words)).out).toContain(`(profile ${id})`);
  });
});

describe('run', () => {
  const few = ['--target', 'reference', '--case', reference];
  const listeners = process.listenerCount('SIGINT');

  test('writes every report, ends with totals and the way to the report, and leaves nothing else', async () => {
    const out = newFolder();
    const ended = await commandLine(['run', ...few, '--out', out]);
    expect(ended.status).toBe(0);
    expect(ended.out).toBe(`reference  1 pass  (profile linux-6.1)\nreport: ${join(out, 'index.html')}\n`);
    expect(readdirSync(out).sort()).toEqual([
      'captures',
      'cases',
      'index.html',
      'junit.xml',
      'pictures.html',
      'report.js',
      'results.tap',
      'run.json',
      'style.css',
    ]);
  });

  test('says the command that makes the run again', async () => {
    const out = newFolder();
    await commandLine(['run', ...few, '--out', `${out} it's`]);
    const { tool } = JSON.parse(readFileSync(join(`${out} it's`, 'run.json'), 'utf8')) as {
      readonly tool: { readonly command: string };
    };
    expect(tool.command).toBe(`lvs-conformance run --target reference --case ${reference} --out '${out} it'\\''s'`);
  });

  test('replaces an earlier run as a whole and leaves other files alone', async () => {
    const out = newFolder();
    await commandLine(['run', ...few, '--out', out]);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    mkdirSync(join(out, 'captures/reference/gone'), { recursive: true });
    await commandLine(['run', ...few, '--out', out]);
    expect(existsSync(join(out, 'captures/reference/gone'))).toBe(false);
    expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('refuses a folder whose captures are not of a run', async () => {
    const out = newFolder();
    mkdirSync(join(out, 'captures'), { recursive: true });
    writeFileSync(join(out, 'captures/precious.pcap'), '');
    const { status, err } = await commandLine(['run', ...few, '--out', out]);
    expect(status).toBe(2);
    expect(err).toContain(`${out}: holds captures, which is not of an earlier run`);
    expect(existsSync(join(out, 'captures/precious.pcap'))).toBe(true);
  });

  test('all shards together are the whole, each case once', async () => {
    const ids: string[] = [];
    for (const shard of ['1/2', '2/2']) {
      const out = newFolder();
      await commandLine(['run', '--target', 'reference', '--shard', shard, '--out', out]);
      const { results } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as {
        readonly results: readonly { readonly case: string }[];
      };
      ids.push(...results.map((result) => result.case));
    }
    expect(ids.sort()).toEqual(suite.map(({ id }) => id));
  });

  test('a target given twice runs once', async () => {
    const out = newFolder();
    const ended = await commandLine(['run', ...few, '--target', 'reference', '--out', out]);
    expect(ended.out).toMatch(/^reference {2}1 pass/);
  });

  test('a known failure that passes is told, and with --strict ends with 1', async () => {
    const known = file('mended.txt', `reference ${reference} it was broken once\n`);
    const lenient = await commandLine(['run', ...few, '--known', known, '--out', newFolder()]);
    expect(lenient.status).toBe(0);
    expect(lenient.out).toContain(`known failure passes now: reference ${reference}`);
    expect((await commandLine(['run', ...few, '--known', known, '--strict', '--out', newFolder()])).status).toBe(1);
  });

  test('a run that is interrupted ends with 130 and leaves nothing behind', async () => {
    const out = newFolder();
    const ended = await commandLine(['run', ...few, '--out', out], null, (line) => {
      if (line.includes('on reference')) {
        process.emit('SIGINT', 'SIGINT');
      }
    });
    expect(ended.status).toBe(130);
    expect(ended.err).toMatch(/lvs-conformance: ended by SIGINT; nothing was written\n$/);
    expect(existsSync(out)).toBe(false);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  test('draws a bar on a terminal and takes it away, and none elsewhere', async () => {
    const onTerminal = await commandLine(['run', ...few, '--out', newFolder()], 80);
    expect(onTerminal.err).toContain('█');
    expect(onTerminal.err.endsWith('\r\u001b[K')).toBe(true);
    expect((await commandLine(['run', ...few, '--out', newFolder()])).err).not.toMatch(/[█\r\u001b]/);
  });
});

describe('diff', () => {
  test('two equal captures agree, two different ones do not', async () => {
    expect((await commandLine(['diff', good, good])).status).toBe(0);
    const other = capture('other.pcap', '02:00:00:00:00:c9');
    const { status, out } = await commandLine(['diff', good, other]);
    expect(status).toBe(1);
    expect(out).toContain('02:00:00:00:00:c9');
  });
});
