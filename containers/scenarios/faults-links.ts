import { setTimeout } from 'node:timers/promises';
import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { contentHash } from '../services/content.ts';
import { connectionsCounted } from './connections-counted.ts';
import { download, serversAsked } from './curl.ts';
import { clientCommand } from './client-command.ts';
import { inTurn } from './distribution.ts';
import { CHANCE, judgeStandstill, judgeWhole } from './faults-judgements.ts';
import { startDownload, uploadedHash } from './faults-transfers.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** Milliseconds that a cable is cut. */
const CUT = 2000;
/** A port of these scenarios alone: where a client takes a port again, a connection of before is found, and none is made. */
const COUNTED_PORT = 8081;
const BAD = { loss: 0.03, reorder: 0.05, duplicate: 0.03 } as const;
const [REQUESTS, DOWNLOADS] = [9, 2];

interface End {
  readonly name: string;
  /** Where it is tried; left out: in all topologies. What a director does of it is the same in each, and each takes its time. */
  readonly topologies?: readonly string[];
  readonly of: (lab: Lab) => Machine | 'director';
}

const ENDS: readonly End[] = [
  { name: 'client', topologies: ['vs-nat', 'vs-dr'], of: ({ clients: [client] }) => client },
  { name: 'director', of: () => 'director' },
  { name: 'server', topologies: ['vs-nat'], of: ({ servers: [server] }) => server },
];

/** Cables that are cut for a while, or bad. */
export const scenarios: readonly Scenario[] = [...ENDS.map(cut), ...ENDS.map(bad)];

function cut({ name, topologies, of }: End): Scenario {
  return {
    name: `link-cut-${name}`,
    title: `The ${name}'s cable is cut for ${CUT / 1000} s in the middle of a download`,
    requirement:
      'A connection is kept while nothing comes: when the path is there again, the transfer goes on and is whole.',
    source: ['paper P12, P15', 'RFC 9293 §3.8.1'],
    level: 'core',
    tags: ['http', 'fault', 'content'],
    needs: [],
    ...(topologies && { topologies }),
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', weights: [1, 0, 0] }),
    async script(lab, judge) {
      const transfer = await startDownload(lab.clients[0], `http://${lab.vip}`, { rate: '3m', limit: 20 });
      const link = lab.link(of(lab));
      await link.cut();
      // What had left before still comes.
      await setTimeout(CUT - 1000);
      await judgeStandstill(judge, transfer);
      await link.restore();
      await judgeWhole(judge, transfer);
    },
  };
}

function bad({ name, topologies, of }: End, seed: number): Scenario {
  return {
    name: `bad-link-${name}`,
    title: `The ${name}'s cable loses, doubles and reorders frames`,
    requirement:
      'Segments that are lost, doubled or late belong to their connection all the same: it keeps its server, and what it carries is whole.',
    source: ['paper P12', 'RFC 9293 §3.8.1'],
    level: 'core',
    tags: ['http', 'fault', 'content'],
    needs: ['scheduler.rr', 'statistics'],
    ...(topologies && { topologies }),
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { port: COUNTED_PORT, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const base = `http://${lab.vip}:${COUNTED_PORT}`;
      const repeatedBefore = await repeatedSegments(lab);
      const begunBefore = await connectionsBegun(client);
      const link = lab.link(of(lab));
      await link.impair({ ...BAD, seed: seed + 1 });
      try {
        const names = await serversAsked(client, base, REQUESTS);
        judge.holds('servers that answered', 'the three in turn', names, inTurn(names, lab.servers.length));
        const answers = await download(client, Array<string>(DOWNLOADS).fill(`${base}/large.bin`));
        const hashes = answers.map(({ hash }) => hash);
        judge.equal('sha256 of the downloads', Array(DOWNLOADS).fill(contentHash('large.bin')), hashes);
        const file = `bad-link-${name}`;
        await clientCommand(
          client,
          `curl --silent --show-error --fail --max-time 20 --upload-file /srv/content/large.bin ${base}/upload/${file}`,
        );
        const found = await Promise.all(lab.servers.map((server) => uploadedHash(server, file)));
        const uploaded = found.filter((hash) => hash !== 'none');
        judge.equal('sha256 of the upload, at one server', [contentHash('large.bin')], uploaded);
      } finally {
        await link.repair();
      }
      const repeated = (await repeatedSegments(lab)) - repeatedBefore;
      judge.holds('segments that were sent again', 'some: the cable was a bad one', repeated, repeated > 0);
      // Told, not judged: a client that gives up a connection early and a port that it takes again both move the count.
      judge.notes('connections that the client began', (await connectionsBegun(client)) - begunBefore);
      judge.notes('connections that the director made', connectionsCounted(await lab.director.statistics()));
    },
  };
}

/** RFC 4022: tcpActiveOpens. */
async function connectionsBegun(client: Machine): Promise<number> {
  return Number(await client.must("grep '^Tcp: [0-9]' /proc/net/snmp | cut -d ' ' -f 6"));
}

/** Segments that the first client and the servers have sent again so far (RFC 4022: tcpRetransSegs). */
async function repeatedSegments({ clients: [client], servers }: Lab): Promise<number> {
  const counts = await Promise.all(
    [client, ...servers].map((host) => host.must("grep '^Tcp: [0-9]' /proc/net/snmp | cut -d ' ' -f 13")),
  );
  return counts.reduce((sum, count) => sum + Number(count), 0);
}
