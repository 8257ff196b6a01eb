import { setTimeout } from 'node:timers/promises';
import { InternalFault } from '../../reference/errors.ts';
import { contentHash } from '../services/content.ts';
import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { serversAsked } from './curl.ts';
import { distribution } from './distribution.ts';
import { CHANCE, CURL_STATUS, isReset, judgeBroken, judgeStandstill, judgeWhole } from './faults-judgements.ts';
import { startDownload, startUpload, uploadedHash, type Download, type Upload } from './faults-transfers.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { serviceName, virtualService } from './virtual-service.ts';

const SERVICE = { port: 80 } as const;
/** Bytes a second: what is to be stopped takes 8 s, so that there is time for it, and others 4 s. */
const [SLOW, FASTER] = ['1m', '2m'];
/** Seconds that a client has patience. */
const LIMIT = 6;
const START_NGINX = 'nginx -e /var/log/nginx-error.log -c /opt/lvs-conformance/containers/services/nginx.conf';

/** Real servers that die, vanish or are taken out of the service while they are in use. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'server-killed',
    title: 'A server whose program dies: its download fails visibly, all others go on',
    requirement:
      'A client whose server dies learns that its transfer is not whole; connections to other servers are not touched, and the director sends new ones to the dead server until it is removed.',
    source: ['RFC 9112 §8', 'RFC 9293 §3.10.7.1', 'paper P12, P13'],
    level: 'core',
    tags: ['http', 'fault', 'content'],
    needs: ['scheduler.rr'],
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { ...SERVICE, scheduler: 'rr' }),
    async script(lab, judge) {
      const [hit, other] = await twoDownloads(lab, judge, 20);
      const server = serverNamed(lab, hit.server);
      await server.must('pkill -KILL -x nginx');
      try {
        const statuses = [];
        for (let request = 1; request <= 3; request++) statuses.push(await statusOfRequest(lab.clients[1], lab));
        judge.equal(
          'exit statuses of curl, one request for each server',
          [0, 0, CURL_STATUS.refused],
          statuses.sort((a, b) => a - b),
        );
        // With the process its connections are closed: what was buffered still comes, and then the end, too early.
        await judgeBroken(judge, hit, [CURL_STATUS.partial, CURL_STATUS.receiveFailed]);
        await remove(lab, server);
        await judgeOthersServe(lab, judge, server);
        await judgeWhole(judge, other);
      } finally {
        await server.must(START_NGINX);
      }
    },
  },
  {
    name: 'server-unplugged',
    title: 'A server that vanishes: its download stands still, all others go on',
    requirement:
      'The director does not end connections of a server that is silent; the client gives up at its own limit. Once the server is removed, new connections go to the others only.',
    source: ['paper P12', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'fault', 'content'],
    needs: ['scheduler.rr'],
    topologies: ['vs-nat', 'vs-dr'],
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { ...SERVICE, scheduler: 'rr' }),
    async script(lab, judge) {
      const [hit, other] = await twoDownloads(lab, judge, LIMIT);
      const server = serverNamed(lab, hit.server);
      const link = lab.link(server);
      await link.cut();
      try {
        await remove(lab, server);
        await judgeStandstill(judge, hit);
        await judgeOthersServe(lab, judge, server);
        await judgeBroken(judge, hit, [CURL_STATUS.timeUp]);
        await judgeWhole(judge, other);
      } finally {
        await link.restore();
      }
    },
  },
  {
    name: 'server-removed',
    title: 'A removed server: what its clients send is dropped without a word',
    requirement:
      'Packets of a connection whose server was removed are dropped silently; it is not ended, and not given to another server.',
    source: [
      'ip_vs_core.c:ip_vs_in',
      'Documentation/networking/ipvs-sysctl.rst: expire_nodest_conn',
      'ipvs §1.6, §7.2',
    ],
    level: 'ipvs',
    tags: ['http', 'fault', 'content'],
    needs: [],
    topologies: ['vs-nat', 'vs-dr'],
    mayDiffer: CHANCE,
    rules: onlyFirst,
    async script(lab, judge) {
      const upload = await uploadAndRemove(lab, 'removed', LIMIT);
      await judgeStandstill(judge, upload);
      await judgeOthersServe(lab, judge, lab.servers[0]);
      judge.equal('exit status of curl', CURL_STATUS.timeUp, (await upload.ended).status);
      await judgeNowhere(lab, judge, 'removed');
    },
  },
  {
    name: 'server-removed-expired',
    title: 'A removed server with expire_nodest_conn: its clients are told with the next packet',
    requirement:
      "With expire_nodest_conn a removed server's connections are forgotten; what the client sends next is for nobody, and answered with a reset.",
    source: ['Documentation/networking/ipvs-sysctl.rst: expire_nodest_conn', 'RFC 9293 §3.10.7.1', 'ipvs §7.4'],
    level: 'ipvs',
    tags: ['http', 'fault', 'content'],
    needs: ['sysctl'],
    mayDiffer: CHANCE,
    rules: onlyFirst,
    async script(lab, judge) {
      await lab.director.setSysctl('vs.expire_nodest_conn', '1');
      const upload = await uploadAndRemove(lab, 'expired', 20);
      const { status } = await upload.ended;
      judge.holds('exit status of curl', '55 or 56: the connection was reset', status, isReset(status));
      await judgeOthersServe(lab, judge, lab.servers[0]);
      await judgeNowhere(lab, judge, 'expired');
    },
  },
  {
    name: 'server-removed-and-returned',
    title: 'A server that is removed and comes back within a second goes on with its connections',
    requirement: 'Connections outlive the removal of their server: when it is added again, they go on.',
    source: ['ip_vs_ctl.c:ip_vs_trash_get_dest', 'ipvs §1.6'],
    level: 'ipvs',
    tags: ['http', 'fault', 'content'],
    needs: [],
    topologies: ['vs-nat', 'vs-dr'],
    mayDiffer: CHANCE,
    rules: onlyFirst,
    async script(lab, judge) {
      const [server] = lab.servers;
      const upload = await uploadAndRemove(lab, 'returned', 20);
      await judgeOthersServe(lab, judge, server);
      await setTimeout(700);
      await lab.director.administer([`-a ${serviceName(lab, SERVICE)} -r ${server.address}:80 ${lab.method} -w 1`]);
      judge.equal('exit status of curl', 0, (await upload.ended).status);
      judge.equal('sha256 of the upload', contentHash('large.bin'), await uploadedHash(server, 'returned'));
    },
  },
];

/** Starts an upload to the first server, as `/upload/NAME`, and removes that server in the middle of it. */
async function uploadAndRemove(lab: Lab, name: string, limit: number): Promise<Upload> {
  const upload = await startUpload(lab.clients[0], lab.vip, `http://${lab.vip}/upload/${name}`, {
    rate: FASTER,
    limit,
  });
  await lab.director.administer([...withOthers(lab), removal(lab, lab.servers[0])]);
  return upload;
}

/** The first server alone has weight: what starts now goes to it. */
function onlyFirst(lab: Lab): string {
  return virtualService(lab, { ...SERVICE, scheduler: 'rr', weights: [1, 0, 0] });
}

/** Commands that give weight to those that {@link onlyFirst} leaves without. */
function withOthers(lab: Lab): string[] {
  return lab.servers
    .slice(1)
    .map(({ address }) => `-e ${serviceName(lab, SERVICE)} -r ${address}:80 ${lab.method} -w 1`);
}

function removal(lab: Lab, { address }: Machine): string {
  return `-d ${serviceName(lab, SERVICE)} -r ${address}:80`;
}

async function remove(lab: Lab, server: Machine): Promise<void> {
  await lab.director.administer([removal(lab, server)]);
}

/**
 * A download of each client, from different servers. The second is begun again where it meets a connection of before, whose server it then has:
 * transfers that broke are remembered for minutes, and a client takes a port again.
 */
async function twoDownloads(lab: Lab, judge: Judge, firstLimit: number): Promise<readonly [Download, Download]> {
  const [first, second] = lab.clients;
  const base = `http://${lab.vip}`;
  const one = await startDownload(first, base, { rate: SLOW, limit: firstLimit });
  const another = (): Promise<Download> => startDownload(second, base, { rate: FASTER, limit: 20 });
  let other = await another();
  if (other.server === one.server) other = await another();
  judge.holds(
    'servers of the two downloads',
    'two different ones',
    [one.server, other.server],
    other.server !== one.server,
  );
  return [one, other];
}

async function statusOfRequest(client: Machine, { vip }: Lab): Promise<number> {
  return (await client.run(`curl --silent --fail --max-time 2 --output /dev/null http://${vip}/whoami`)).status;
}

async function judgeOthersServe(lab: Lab, judge: Judge, removed: Machine): Promise<void> {
  const others = lab.servers.map(({ name }) => name).filter((name) => name !== removed.name);
  const asked = await serversAsked(lab.clients[1], `http://${lab.vip}`, 4);
  const twice = Object.fromEntries(others.map((name) => [name, 2]));
  judge.equal('servers of new connections', twice, distribution(asked));
}

async function judgeNowhere(lab: Lab, judge: Judge, name: string): Promise<void> {
  const hashes = await Promise.all(lab.servers.map((server) => uploadedHash(server, name)));
  judge.equal('what the servers have of the upload', ['none', 'none', 'none'], hashes);
}

function serverNamed(lab: Lab, name: string): Machine {
  const server = lab.servers.find((each) => each.name === name);
  if (server === undefined) throw new InternalFault(`a server says that it is ${name}: there is none of this name`);
  return server;
}
