import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  runIsolated,
  TestNetwork,
  whyNoNamespaces,
  type StartedProgram,
  type TestHost,
} from './testing/test-network.ts';
import { webClient, webServer } from './testing/web.ts';

const reason = whyNoNamespaces();
const hasCurl = spawnSync('curl', ['--version']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'director-'));
let network: TestNetwork | undefined;

afterEach(() => network?.close());
afterAll(() => rmSync(folder, { recursive: true }));

/** The first call of all may compile the sources. */
const LIMIT_MS = 120_000;

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

async function direct(host: TestHost, ...options: readonly string[]): Promise<StartedProgram> {
  const program = host.start(process.execPath, 'bin/lvs-conformance.js', 'director', ...options);
  await program.says(/SIGTERM ends/);
  return program;
}

async function serve(host: TestHost, name: string, port: number): Promise<void> {
  await host.start(...webServer(name, port)).says(/listening/);
}

async function ask(host: TestHost, ...paths: readonly string[]): Promise<string[]> {
  return (await host.run(...webClient('http://10.0.0.100', ...paths))).trimEnd().split('\n');
}

/** A client on one side of the director, two servers on the other, which is their gateway. */
async function natNetwork() {
  const made = (network = new TestNetwork());
  const [client, director, one, two] = [await made.host(), await made.host(), await made.host(), await made.host()];
  await made.wire(
    { host: client, name: 'e0', address: '10.0.0.2/24' },
    { host: director, name: 'outside', address: '10.0.0.1/24' },
  );
  await made.wire(
    { host: director, name: 'inside', address: '192.168.1.1/24' },
    { host: one, name: 'e0', address: '192.168.1.11/24' },
    { host: two, name: 'e0', address: '192.168.1.12/24' },
  );
  const sixes = [
    [client, 'fd00:1::2/64', 'e0'],
    [director, 'fd00:1::1/64', 'outside'],
    [director, 'fd00:2::1/64', 'inside'],
    [one, 'fd00:2::11/64', 'e0'],
  ] as const;
  for (const [host, address, name] of sixes) {
    await host.run('ip', 'address', 'add', address, 'dev', name, 'nodad');
  }
  await one.run('ip', 'route', 'add', 'default', 'via', 'fd00:2::1');
  for (const [name, server] of Object.entries({ one, two })) {
    await server.run('ip', 'route', 'add', 'default', 'via', '192.168.1.1');
    await serve(server, name, 8080);
  }
  return { client, director, one, two };
}

const SERVICE = '-A -t 10.0.0.100:80 -s rr';
const ONE = '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m';
const TWO = '-a -t 10.0.0.100:80 -r 192.168.1.12:8080 -m';
const BOTH_SIDES = ['--interface', 'outside', '--interface', 'inside'];

describe.skipIf(reason !== '')(`the director on interfaces${reason === '' ? '' : ` (left out: ${reason})`}`, () => {
  test(
    'VS/NAT: clients reach the servers in turn, large answers too; SIGUSR1 lists, SIGTERM ends',
    { timeout: LIMIT_MS },
    async () => {
      const { client, director } = await natNetwork();
      const program = await direct(director, '--rules', file('nat.txt', [SERVICE, ONE, TWO]), ...BOTH_SIDES);
      const answers = await ask(client, '/', '/', '/', '/', '/large');
      expect(answers.slice(0, 4).sort()).toEqual(['one 10.0.0.2', 'one 10.0.0.2', 'two 10.0.0.2', 'two 10.0.0.2']);
      expect(answers[4]).toBe('3000000');
      // The host keeps its own addresses: the director does not meddle.
      await serve(director, 'host', 80);
      expect(await client.run(...webClient('http://10.0.0.1', '/', '/large'))).toBe('host 10.0.0.2\n3000000\n');
      program.child.kill('SIGUSR1');
      await program.says(/outside: \d+ frames in/);
      program.child.kill('SIGTERM');
      expect(await program.ended()).toBe(0);
    },
  );

  test('VS/NAT for IPv6 beside IPv4', { timeout: LIMIT_MS }, async () => {
    const { client, director } = await natNetwork();
    const six = ['-A -t [fd00:1::100]:80 -s rr', '-a -t [fd00:1::100]:80 -r [fd00:2::11]:8080 -m'];
    await direct(director, '--rules', file('six.txt', [SERVICE, ONE, ...six]), ...BOTH_SIDES);
    expect(await client.run(...webClient('http://[fd00:1::100]', '/', '/large'))).toBe('one fd00:1::2\n3000000\n');
    expect(await ask(client, '/')).toEqual(['one 10.0.0.2']);
    await serve(director, 'host', 80);
    expect(await client.run(...webClient('http://[fd00:1::1]', '/'))).toBe('host fd00:1::2\n');
  });

  test(
    'SIGHUP under traffic: what stays keeps its connections, and no request fails; a wrong file changes nothing',
    { timeout: LIMIT_MS },
    async () => {
      const { client, director } = await natNetwork();
      const rules = file('reload.txt', [SERVICE, ONE]);
      const program = await direct(director, '--rules', rules, ...BOTH_SIDES);
      const slow = client.start(...webClient('http://10.0.0.100', '/slow'));
      const traffic = client.start(...webClient('http://10.0.0.100', ...Array<string>(300).fill('/')));
      await traffic.says(/one 10.0.0.2/);
      file('reload.txt', [SERVICE, ONE, TWO, '-A -t 10.0.0.101:80', '-a -t 10.0.0.101:80 -r 192.168.1.12:8080 -m']);
      program.child.kill('SIGHUP');
      await program.says(/3 changes: 2 services, 3 real servers/);
      await traffic.says(/two 10.0.0.2/);
      expect(await client.run(...webClient('http://10.0.0.101', '/'))).toBe('two 10.0.0.2\n');
      file('reload.txt', [SERVICE, '-a -t 10.0.0.100:80 -r 192.168.1.300:8080 -m']);
      program.child.kill('SIGHUP');
      await program.says(/reload\.txt:2: .*192\.168\.1\.300.*; the rules stay as they were/);
      expect(await traffic.ended()).toBe(0);
      expect(new Set(traffic.out.trimEnd().split('\n'))).toEqual(new Set(['one 10.0.0.2', 'two 10.0.0.2']));
      expect(await slow.ended()).toBe(0);
      expect(slow.out).toBe('one began, and ended\n');
    },
  );

  test('SIGTERM: a connection that is there ends in peace, a new one is refused', { timeout: LIMIT_MS }, async () => {
    const { client, director } = await natNetwork();
    const program = await direct(director, '--rules', file('drain.txt', [SERVICE, ONE]), ...BOTH_SIDES);
    const slow = client.start(...webClient('http://10.0.0.100', '/slow'));
    await new Promise((resolve) => setTimeout(resolve, 700));
    program.child.kill('SIGTERM');
    await program.says(/connections have 30 s to end/);
    expect(await ask(client, '/')).toEqual(['ECONNREFUSED']);
    expect(await slow.ended()).toBe(0);
    expect(slow.out).toBe('one began, and ended\n');
    expect(await program.ended()).toBe(0);
  });

  test(
    'VS/DR on one wire, with MAC and IP addresses that the host has not: the servers answer the client themselves',
    { timeout: LIMIT_MS },
    async () => {
      const made = (network = new TestNetwork());
      const [client, director, one, two] = [await made.host(), await made.host(), await made.host(), await made.host()];
      await made.wire(
        { host: client, name: 'e0', address: '10.0.0.2/24' },
        { host: director, name: 'e0' },
        { host: one, name: 'e0', address: '10.0.0.11/24' },
        { host: two, name: 'e0', address: '10.0.0.12/24' },
      );
      for (const [name, server] of Object.entries({ one, two })) {
        // Paper P30: the servers have the virtual address where nobody asks for it.
        await server.run(
          'sh',
          '-c',
          'echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce',
        );
        await server.run('ip', 'address', 'add', '10.0.0.100/32', 'dev', 'lo');
        await serve(server, name, 80);
      }
      const rules = file('dr.txt', [
        SERVICE,
        '-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g',
        '-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g',
      ]);
      const environment = file('dr.json', [
        JSON.stringify({ ports: [{ name: 'e0', mac: '02:00:00:00:00:d1', addresses: ['10.0.0.1/24'] }] }),
      ]);
      const program = await direct(director, '--rules', rules, '--environment', environment, '--interface', 'e0');
      const answers = await ask(client, '/', '/', '/', '/', '/large');
      expect(answers.slice(0, 4).sort()).toEqual(['one 10.0.0.2', 'one 10.0.0.2', 'two 10.0.0.2', 'two 10.0.0.2']);
      expect(answers[4]).toBe('3000000');
      expect(await client.run('ip', 'neighbour', 'show', '10.0.0.100')).toMatch(/02:00:00:00:00:d1/);
      program.child.kill('SIGINT');
      expect(await program.ended()).toBe(0);
    },
  );

  test('what cannot be is said in one line', { timeout: LIMIT_MS }, async () => {
    const made = (network = new TestNetwork());
    const host = await made.host();
    await made.wire({ host, name: 'e0', address: '10.0.0.1/24' });
    await host.run('ip', 'link', 'add', 'name', 'off', 'type', 'veth', 'peer', 'name', 'other');
    const good = file('good.txt', [SERVICE, ONE]);
    const refused = async (...options: readonly string[]) => {
      const program = host.start(process.execPath, 'bin/lvs-conformance.js', 'director', ...options);
      expect(await program.ended()).toBe(2);
      expect(program.err).toMatch(/^lvs-conformance: [^\n]*\n$/);
      return program.err;
    };
    expect(await refused('--rules', good, '--interface', 'e1')).toMatch(/interface e1: there is none/);
    expect(await refused('--rules', good, '--interface', 'lo')).toMatch(/interface lo: carries no Ethernet/);
    expect(await refused('--rules', good, '--interface', 'off')).toMatch(/interface off: is down; ip link set off up/);
    const powerless = ['setpriv', '--bounding-set', '-all', process.execPath, 'bin/lvs-conformance.js', 'director'];
    const program = host.start(...powerless, '--rules', good, '--interface', 'e0');
    expect(await program.ended()).toBe(2);
    expect(program.err).toMatch(/^lvs-conformance: raw frames need .*CAP_NET_RAW[^\n]*\n$/);
    const wrong = file('wrong.txt', [SERVICE, SERVICE]);
    expect(await refused('--rules', wrong, '--interface', 'e0')).toMatch(/wrong\.txt:2: Service already exists/);
    await host.run('ip', 'address', 'add', '10.0.0.100/32', 'dev', 'lo');
    expect(await refused('--rules', good, '--interface', 'e0')).toMatch(/ip address del 10\.0\.0\.100\/32 dev lo/);
    await host.run('ip', 'address', 'del', '10.0.0.100/32', 'dev', 'lo');
    await host.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/e0/forwarding');
    expect(await refused('--rules', good, '--interface', 'e0')).toMatch(/sysctl -w net\.ipv4\.conf\.e0\.forwarding=0/);
  });

  test.skipIf(!hasCurl)('the recipe of the README works (left out without curl)', { timeout: LIMIT_MS }, async () => {
    const [, recipe = ''] = /## Run the director.*?```sh\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? [];
    const script = recipe
      .replaceAll('sudo ', '')
      .replaceAll('npx lvs-conformance', `${process.execPath} ${resolve('bin/lvs-conformance.js')}`);
    expect(await runIsolated(`cd '${folder}'\n${script}`)).toBe('hello\n');
  });
});
