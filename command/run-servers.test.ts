import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commandLine } from './testing/captured-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'servers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODEL = ['--target', 'server-reference'];
const out = join(folder, 'report');
const run = (...words: readonly string[]) => commandLine(['run', ...words, '--out', out]);

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const hidden = { 'conf.all.arp_ignore': '1', 'conf.all.arp_announce': '2' };

describe('judging real servers', () => {
  test('a right set-up from a file passes, and gives its name to the cases', async () => {
    const setup = file('My server.json', { methods: ['direct-route'], virtualAddressOn: 'lo', sysctls: hidden });
    const ended = await run('--setup', setup, ...MODEL);
    expect(ended.out).toMatch(/^server-reference {2}\d+ pass {2}\(model\)\nreport: /);
    expect(ended.status).toBe(0);
    const { cases } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { readonly cases: { id: string }[] };
    expect(cases.every(({ id }) => id.startsWith('real-server/my-server-'))).toBe(true);
    expect(cases.some(({ id }) => id.includes('tunnel'))).toBe(false);
  });

  test('a wrong one fails with status 1 and the reason', async () => {
    const setup = file('loud.json', { methods: ['direct-route'], virtualAddressOn: 'lo' });
    const ended = await run('--setup', setup, ...MODEL);
    expect(ended.status).toBe(1);
    expect(ended.out).toContain('fail  server-reference  real-server/loud-arp-unanswered\n');
  });

  test('the known set-ups go by their names', async () => {
    expect((await run('--setup', 'redirect', ...MODEL)).status).toBe(0);
    expect((await run('--setup', 'gateway-director', ...MODEL)).out).toContain('real-server/gateway-director-arp');
  });

  test('directors alone are not asked about servers, unless by name', async () => {
    const few = ['--level', 'core', '--shard', '1/300'];
    expect((await run('--target', 'reference', ...few)).out).not.toContain('unsupported');
    const named = await run('--target', 'reference', '--case', 'real-server/redirect-arp-*');
    expect(named.status).toBe(0);
    expect(named.out).toMatch(/^reference {2}2 unsupported/);
  });

  test('both kinds of target each have their own cases and totals', async () => {
    const words = [
      '--target',
      'reference',
      ...MODEL,
      '--case',
      'arp/virtual-*',
      '--case',
      'real-server/redirect-arp-*',
    ];
    const ended = await run(...words);
    expect(ended.out).toMatch(/^reference {9}1 pass .*\nserver-reference {2}2 pass /);
    expect(ended.err).toContain('1 cases on reference\n2 cases of real servers on server-reference\n');
  });

  test.each<[string, string, RegExp]>([
    ['a name that is none and no file', 'nonsense', /nonsense: cannot be read as text.*loopback-alias/],
    ['no JSON', file('a.json', '{methods}'), /a\.json: is not JSON/],
    ['a list', file('b.json', []), /b\.json: give an object/],
    ['a misspelt field', file('c.json', { mehtods: [] }), /c\.json: has no field "mehtods", only methods, /],
    ['no method', file('d.json', { methods: [] }), /d\.json: methods: give a list of "direct-route", "tunnel" or both/],
    ['an unknown device', file('e.json', { virtualAddressOn: 'eth7' }), /e\.json: virtualAddressOn: give one of "lo"/],
    ['an MTU that no guest has', file('f.json', { mtu: 4000 }), /f\.json: mtu: give a whole number/],
    ['another setting', file('g.json', { sysctls: { tcp_sack: '0' } }), /g\.json: sysctls: give an object like/],
    ['a tunnel device that is not up', file('h.json', { virtualAddressOn: 'tunl0' }), /h\.json: virtualAddressOn: /],
  ])('%s is refused in one line', async (_name, setup, message) => {
    const { status, err } = await run('--setup', setup, ...MODEL);
    expect(status).toBe(2);
    expect(err).toMatch(message);
    expect(err).toMatch(/^lvs-conformance: [^\n]+\n$/);
  });

  test('an unknown machine is refused with those there are', async () => {
    const { status, err } = await run('--target', 'server-windows');
    expect(status).toBe(2);
    expect(err).toMatch(/unknown target 'server-windows'; of real servers there are .*server-reference/);
  });
});
