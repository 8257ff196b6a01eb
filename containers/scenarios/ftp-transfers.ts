import { ExpectationFailed } from '../../conformance/harness/expectation-failed.ts';
import type { Feature } from '../../conformance/targets/target.ts';
import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { contentHash } from '../services/content.ts';
import { type DataCommand, ftpDownload, ftpUpload, type FtpSession } from './ftp-curl.ts';
import { ftpService } from './ftp-service.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';

interface Way {
  readonly command: DataCommand;
  readonly family: 4 | 6;
  readonly name: string;
  readonly title: string;
  /** Who learns from it where to connect to. */
  readonly source: string;
}

const PASSIVE = 'the client opens the data connection';
const ACTIVE = 'the server opens the data connection, from port 20';

const WAYS: readonly Way[] = [
  { command: 'PASV', family: 4, name: 'ftp-passive', title: `PASV: ${PASSIVE}`, source: 'RFC 959 §4.1.2' },
  { command: 'EPSV', family: 4, name: 'ftp-extended-passive', title: `EPSV: ${PASSIVE}`, source: 'RFC 2428 §3' },
  { command: 'PORT', family: 4, name: 'ftp-active', title: `PORT: ${ACTIVE}`, source: 'RFC 959 §4.1.2' },
  { command: 'EPRT', family: 4, name: 'ftp-extended-active', title: `EPRT: ${ACTIVE}`, source: 'RFC 2428 §2' },
  {
    command: 'EPSV',
    family: 6,
    name: 'ftp-ipv6-passive',
    title: `EPSV over IPv6: ${PASSIVE}`,
    source: 'RFC 2428 §3',
  },
  { command: 'EPRT', family: 6, name: 'ftp-ipv6-active', title: `EPRT over IPv6: ${ACTIVE}`, source: 'RFC 2428 §2' },
];

interface Ground {
  readonly topologies: readonly string[];
  readonly requirement: string;
  readonly source: readonly string[];
  readonly needs: readonly Feature[];
}

/** What has the data connection at the server of its control connection. */
const GROUNDS: readonly Ground[] = [
  {
    topologies: ['vs-nat'],
    requirement:
      'Services that carry addresses in their payload have them translated: the data connection that is named on the control connection comes about with the same server, and each side is told what it can reach.',
    source: ['paper P18', 'ip_vs_ftp.c:ip_vs_ftp_in, ip_vs_ftp_out'],
    needs: ['application.ftp'],
  },
  {
    topologies: ['vs-tun', 'vs-dr'],
    requirement:
      'Persistence for every port has the data connections of a client at the server of his control connection: those that he opens to it, and those that it opens to him, whose answers alone the director sees. The text of the control connection stays as it is.',
    source: ['ipvsadm(8) NOTES', 'ip_vs_proto_tcp.c:tcp_conn_schedule', 'ip_vs_core.c:ip_vs_sched_persist'],
    needs: [],
  },
];

/** One transfer each way, by each of the commands that ask for a data connection. */
export const scenarios: readonly Scenario[] = GROUNDS.flatMap(({ topologies, requirement, source, needs }) =>
  WAYS.map((way): Scenario => ({
    name: way.name,
    title: way.title,
    requirement,
    source: [...source, way.source],
    level: 'core',
    tags: way.family === 4 ? ['ftp', 'content'] : ['ftp', 'content', 'ipv6'],
    needs,
    topologies,
    rules: (lab) => ftpService(lab, way.family),
    script: (lab, judge) => transferBothWays(lab, judge, way),
  })),
);

async function transferBothWays(lab: Lab, judge: Judge, way: Way): Promise<void> {
  const { command, family, name } = way;
  // Older kernels take every segment of FTP over IPv6 for damaged whose checksum connection tracking, and no interface, has verified.
  if (family === 6 && lab.topology.method === 'nat') {
    await lab.director.setSysctl('netfilter.nf_conntrack_checksum', '0');
  }
  const host = family === 4 ? lab.vip : `[${lab.vip6}]`;
  const [client, other] = lab.clients;
  const download = await ftpDownload(client, host, '100k.bin', command);
  judge.equal('sha256 of /content/100k.bin', contentHash('100k.bin'), download.outcome);
  await judgeNames(lab, judge, client, way, download);

  const upload = await ftpUpload(other, host, '100k.bin', `${name}.bin`, command);
  judge.equal('outcome of the upload', '', upload.outcome);
  const server = serverOf(lab, upload);
  const arrived = await server.run(`sha256sum </srv/upload/${name}.bin`);
  judge.equal(
    `sha256 of the upload at ${server.name}, which had greeted`,
    contentHash('100k.bin'),
    arrived.output.split(' ')[0],
  );
  await judgeNames(lab, judge, other, way, upload);
}

/** What names the data connection has the address that each side can reach; otherwise both have the same text. */
async function judgeNames(
  lab: Lab,
  judge: Judge,
  client: Machine,
  { command, family }: Way,
  session: FtpSession,
): Promise<void> {
  const server = serverOf(lab, session);
  const { begins, toClient, toServer } = namesOf(lab, client, server, command, family);
  const said = session.said.find((line) => line.startsWith(begins)) ?? '';
  judge.holds(`what ${client.name} has of the data connection`, `${begins}…${toClient}`, said, said.includes(toClient));
  const line = said.replace(toClient, toServer);
  const { status } = await server.run(`grep -qF -- '"${line}"' /run/ftp/log`);
  judge.holds(`what ${server.name} has of it in its log`, `the same with ${toServer}`, line, status === 0);
}

/** The line that names the data connection: its beginning, and what must be in it at either end. */
function namesOf(lab: Lab, client: Machine, server: Machine, command: DataCommand, family: 4 | 6) {
  const same = (begins: string, text: string) => ({ begins, toClient: text, toServer: text });
  switch (command) {
    case 'PASV': {
      const own = lab.topology.method === 'nat' ? server.address : lab.vip;
      return { begins: '227 ', toClient: commas(lab.vip), toServer: commas(own) };
    }
    case 'EPSV':
      return same('229 ', '(|||');
    case 'PORT':
      return same('PORT ', commas(client.address));
    case 'EPRT':
      return same('EPRT ', family === 4 ? `|1|${client.address}|` : `|2|${client.address6}|`);
  }
}

function serverOf({ servers }: Lab, { server: name }: FtpSession): Machine {
  const server = servers.find((each) => each.name === name);
  if (server === undefined)
    throw new ExpectationFailed(['a server should have greeted the client', `it was '${name}'`]);
  return server;
}

/** As FTP writes an address (RFC 959 §4.1.2). */
const commas = (address: string): string => address.replaceAll('.', ',');
