import { setTimeout } from 'node:timers/promises';
import { InternalFault } from '../../reference/errors.ts';
import { SECONDS_TO_NOTICE } from '../directors/keepalived-conf.ts';
import type { HealthChecks } from '../lab/health-checks.ts';
import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { contentHash } from '../services/content.ts';
import { serversAsked } from './curl.ts';
import { distribution } from './distribution.ts';
import { startDownload, type Download } from './faults-transfers.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { beginChecks, CHECKED_PATH, setWell, startWebServer, stopWebServer } from './server-health.ts';
import { type ListedServer, serversListed } from './servers-listed.ts';
import { virtualService } from './virtual-service.ts';

const SERVICE = { port: 80, scheduler: 'rr' } as const;

/** By our own clock, on a machine with much else to do. */
const SECONDS_OF_GRACE = 4;

const ALL_EQUAL = { server1: 2, server2: 2, server3: 2 };
const WITHOUT_SECOND = { server1: 3, server3: 3 };

/** Servers that stop and return, and a director that asks them how they are. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'health-server-stops',
    title: 'A server that stops gets no new connections, one that is back gets its share',
    requirement:
      'A server on which no connection comes about is left out within the time that its checks take, and is back when one does.',
    source: ['keepalived.conf(5) TCP_CHECK'],
    level: 'core',
    tags: ['http', 'health'],
    needs: ['health-checks'],
    rules: (lab) => virtualService(lab, SERVICE),
    async script(lab, judge) {
      const [first, second, third] = lab.servers;
      judge.equal('answers while all are well', ALL_EQUAL, await answers(lab));
      await stopWebServer(second);
      try {
        await judgeInUse(lab, judge, [first, third]);
        judge.equal('answers without the second', WITHOUT_SECOND, await answers(lab));
      } finally {
        await startWebServer(second);
      }
      await judgeInUse(lab, judge, lab.servers);
      judge.equal('answers when it is back', ALL_EQUAL, await answers(lab));
    },
  },
  {
    name: 'health-connections-kept',
    title: 'A server that is not well finishes what it has begun, where it is to',
    requirement:
      'With inhibit_on_failure a server that is not well gets the weight 0: no new connections, but those that it has go on.',
    source: ['keepalived.conf(5) inhibit_on_failure', 'paper P6'],
    level: 'core',
    tags: ['http', 'health', 'content'],
    needs: ['health-checks', 'services'],
    rules: (lab) => virtualService(lab, SERVICE),
    async script(lab, judge) {
      const { download, server } = await takenOutOfDownload(lab, judge, { path: CHECKED_PATH, keepsConnections: true });
      const kept = serversListed(await lab.director.listing()).filter(({ weight }) => weight === 0);
      judge.equal(
        'server that is listed with the weight 0',
        [server.address],
        kept.map(({ address }) => address),
      );
      judge.equal('its answers to new connections', 0, (await answers(lab))[server.name] ?? 0);
      judge.equal('its download is under way', true, await isUnderWay(download.ended));
      judge.equal('sha256 of its download', contentHash('large.bin'), (await download.ended).hash);
    },
  },
  {
    name: 'health-connections-return',
    title: 'A server that is taken out and returns goes on where its connections stopped',
    requirement:
      'A server that is not well is taken out with its connections; when it is back within a minute, they go on, and no byte is lost.',
    source: ['keepalived.conf(5)', 'ip_vs_ctl.c:ip_vs_trash_get_dest'],
    level: 'ipvs',
    tags: ['http', 'health', 'content'],
    needs: ['health-checks', 'services'],
    rules: (lab) => virtualService(lab, SERVICE),
    async script(lab, judge) {
      const { download, server } = await takenOutOfDownload(lab, judge, { path: CHECKED_PATH });
      judge.equal('its answers to new connections', 0, (await answers(lab))[server.name] ?? 0);
      judge.equal('its download is under way', true, await isUnderWay(download.ended));
      await setWell(server, true);
      await judgeInUse(lab, judge, lab.servers);
      judge.equal('sha256 of its download', contentHash('large.bin'), (await download.ended).hash);
    },
  },
  {
    name: 'health-sorry-server',
    title: 'While no server is well, the sorry server has all new connections',
    requirement:
      'The sorry server stands in when the last server is not well, and steps back when the first is well again.',
    source: ['keepalived.conf(5) sorry_server'],
    level: 'core',
    tags: ['http', 'health'],
    needs: ['health-checks'],
    rules: firstTwo,
    async script(lab, judge) {
      const [first, second, third] = lab.servers;
      await beginChecks(lab, { path: CHECKED_PATH, sorryServer: { address: third.address, port: 80 } });
      judge.equal('answers while both are well', { server1: 3, server2: 3 }, await answers(lab));
      await setWell(first, false);
      await judgeInUse(lab, judge, [second]);
      judge.equal('answers while one is well', { server2: 6 }, await answers(lab));
      await setWell(second, false);
      await judgeInUse(lab, judge, [third]);
      judge.equal('answers while none is well', { server3: 6 }, await answers(lab));
      await setWell(first, true);
      await judgeInUse(lab, judge, [first]);
      judge.equal('answers when one is back', { server1: 6 }, await answers(lab));
    },
  },
  {
    name: 'health-quorum',
    title: 'Without a quorum, the sorry server has all new connections',
    requirement:
      'While fewer servers are well than the quorum, none of them is asked for more: the sorry server stands in.',
    source: ['keepalived.conf(5) quorum'],
    level: 'core',
    tags: ['http', 'health'],
    needs: ['health-checks'],
    rules: firstTwo,
    async script(lab, judge) {
      const [first, second, third] = lab.servers;
      await beginChecks(lab, { path: CHECKED_PATH, quorum: 2, sorryServer: { address: third.address, port: 80 } });
      judge.equal('answers with a quorum', { server1: 3, server2: 3 }, await answers(lab));
      await setWell(second, false);
      await judgeInUse(lab, judge, [third]);
      judge.equal('answers without one', { server3: 6 }, await answers(lab));
      await setWell(second, true);
      await judgeInUse(lab, judge, [first, second]);
      judge.equal('answers with one again', { server1: 3, server2: 3 }, await answers(lab));
    },
  },
  {
    name: 'health-start',
    title: 'A director that starts gives nothing to a server that it has not found well',
    requirement:
      'With alpha servers count as not well until a check has succeeded: one that is down when the director starts is never chosen.',
    source: ['keepalived.conf(5) alpha'],
    level: 'core',
    tags: ['http', 'health', 'restart'],
    needs: ['health-checks'],
    rules: (lab) => virtualService(lab, SERVICE),
    async script(lab, judge) {
      const [first, second, third] = lab.servers;
      await stopWebServer(second);
      try {
        await lab.director.restart();
        const ever = await judgeInUse(lab, judge, [first, third]);
        judge.equal('the second server was in use', false, ever.has(second.name));
        judge.equal('answers without the second', WITHOUT_SECOND, await answers(lab));
      } finally {
        await startWebServer(second);
      }
      await judgeInUse(lab, judge, lab.servers);
      judge.equal('answers when it is up', ALL_EQUAL, await answers(lab));
    },
  },
];

/** A download whose server is then not well: it is in use no more, and what becomes of the download is the question. */
async function takenOutOfDownload(
  lab: Lab,
  judge: Judge,
  checks: HealthChecks,
): Promise<{ readonly download: Download; readonly server: Machine }> {
  await beginChecks(lab, checks);
  const download = await startDownload(lab.clients[0], `http://${lab.vip}`, { rate: '800k', limit: 25 });
  const server = serverNamed(lab, download.server);
  await setWell(server, false);
  await judgeInUse(lab, judge, othersThan(lab, server));
  return { download, server };
}

/** Without the third: it stands by. */
function firstTwo(lab: Lab): string {
  const [, , third] = lab.servers;
  return virtualService(lab, SERVICE)
    .split('\n')
    .filter((rule) => !rule.includes(`-r ${third.address}:`))
    .join('\n');
}

/** Who answers six new connections, and how often. */
async function answers(lab: Lab): Promise<Readonly<Record<string, number>>> {
  return distribution(await serversAsked(lab.clients[1], `http://${lab.vip}`, 6));
}

/** Requires that before long these servers get new connections, and no others. Resolves with all that did in between. */
async function judgeInUse(lab: Lab, judge: Judge, servers: readonly Machine[]): Promise<ReadonlySet<string>> {
  const limit = SECONDS_TO_NOTICE + SECONDS_OF_GRACE;
  const required = servers.map(({ name }) => name).sort();
  const ever = new Set<string>();
  const end = performance.now() + limit * 1000;
  for (;;) {
    const names = namesInUse(lab, serversListed(await lab.director.listing()));
    for (const name of names) ever.add(name);
    const isRight = names.join() === required.join();
    if (isRight || performance.now() > end) {
      judge.holds(`servers in use within ${limit} s`, required.join(', '), names, isRight);
      return ever;
    }
    await setTimeout(100);
  }
}

function namesInUse(lab: Lab, listed: readonly ListedServer[]): string[] {
  const inUse = new Set(listed.filter(({ weight }) => weight > 0).map(({ address }) => address));
  return lab.servers.filter(({ address }) => inUse.has(address)).map(({ name }) => name);
}

function othersThan(lab: Lab, server: Machine): Machine[] {
  return lab.servers.filter((other) => other !== server);
}

function serverNamed(lab: Lab, name: string): Machine {
  const server = lab.servers.find((candidate) => candidate.name === name);
  if (server === undefined) throw new InternalFault(`no server is named "${name}"`);
  return server;
}

function isUnderWay(end: Promise<unknown>): Promise<boolean> {
  return Promise.race([end.then(() => false), setTimeout(0, true)]);
}
