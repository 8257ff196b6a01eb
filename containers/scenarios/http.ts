import type { Lab } from '../lab/lab.ts';
import { contentHash } from '../services/content.ts';
import { clientCommand } from './client-command.ts';
import { CURL, download, serversAsked, serversAskedOnOne } from './curl.ts';
import { distribution, inTurn } from './distribution.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** HTTP on the virtual address: curl asks, nginx answers. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'http-many-requests',
    title: 'Requests of two clients are answered by all servers',
    requirement:
      'Clients see one service on one virtual address, and round robin gives each new connection to the next server, whichever client it is from.',
    source: ['paper P4, P6'],
    level: 'core',
    tags: ['http'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const url = `http://${lab.vip}`;
      const [client, other] = lab.clients;
      const names = await serversAsked(client, url, 9);
      judge.holds('servers that answered client1', 'the three in turn', names, inTurn(names, 3));
      const both = await Promise.all([serversAsked(client, url, 30), serversAsked(other, url, 30)]);
      judge.equal('answers to both at once', { server1: 20, server2: 20, server3: 20 }, distribution(both.flat()));
    },
  },
  {
    name: 'http-keep-alive',
    title: 'All requests of a kept connection go to its server',
    requirement:
      'The connection is recorded in a hash table; the next packet of the connection finds its server there, while new connections go to others.',
    source: ['paper P12'],
    level: 'core',
    tags: ['http'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const url = `http://${lab.vip}`;
      const kept = await Promise.all(lab.clients.map((client) => serversAskedOnOne(client, url, 50)));
      for (const [index, { servers, connections }] of kept.entries()) {
        judge.equal(`connections of client${index + 1}`, 1, connections);
        judge.equal(`answers to client${index + 1}`, 50, servers.length);
        judge.equal(`servers that sent them`, 1, new Set(servers).size);
      }
      judge.equal('servers of both clients', 2, new Set(kept.flatMap(({ servers }) => servers)).size);
    },
  },
  {
    name: 'http-large-download',
    title: 'A large answer arrives whole',
    requirement: 'Responses reach the client as if one server at the virtual address had sent them.',
    source: ['paper P4, P13, P25, P32'],
    level: 'core',
    tags: ['http', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const [answer] = await download(lab.clients[0], [`http://${lab.vip}/large.bin`]);
      judge.equal('sha256 of large.bin', contentHash('large.bin'), answer?.hash);
    },
  },
  {
    name: 'http-downloads-at-once',
    title: 'Several large answers at once, from all servers to both clients',
    requirement:
      'Packets of each connection go to its own server and its own client, however many there are at a time.',
    source: ['paper P4, P12'],
    level: 'core',
    tags: ['http', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const url = `http://${lab.vip}/1m.bin?rate=1m`;
      const answers = (await Promise.all(lab.clients.map((client) => download(client, [url, url, url])))).flat();
      const hash = contentHash('1m.bin');
      judge.equal(
        'sha256 of 1m.bin, six times',
        Array(6).fill(hash),
        answers.map((answer) => answer.hash),
      );
      const servers = distribution(answers.map(({ server }) => server));
      judge.equal('servers that sent it', { server1: 2, server2: 2, server3: 2 }, servers);
    },
  },
  {
    name: 'http-upload',
    title: 'A large request arrives whole, at one server',
    requirement: 'A request, however many packets it has, goes to the server that was chosen for its connection.',
    source: ['paper P11, P12, P22, P29'],
    level: 'core',
    tags: ['http', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    script: (lab, judge) => uploads(lab, judge, `http://${lab.vip}/upload/http-upload`),
  },
  {
    name: 'http-port-rewriting',
    title: 'Requests to port 80 are answered from port 8080 of the servers',
    requirement:
      "A request's destination address and port become those of the chosen server; its responses get the virtual address and port back.",
    source: ['paper P11, P13'],
    level: 'core',
    tags: ['http', 'nat'],
    needs: ['scheduler.rr'],
    topologies: ['vs-nat'],
    rules: (lab) => virtualService(lab, { port: 80, realPort: 8080, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const url = `http://${lab.vip}`;
      judge.equal('port that the server was asked on', '8080\n', await clientCommand(client, `${CURL} '${url}/port'`));
      const names = await serversAsked(client, url, 6);
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
      const [answer] = await download(client, [`${url}/1m.bin`]);
      judge.equal('sha256 of 1m.bin', contentHash('1m.bin'), answer?.hash);
    },
  },
  {
    name: 'http-ipv6',
    title: 'HTTP over IPv6: in turn, whole downloads and uploads',
    requirement: 'A service of IPv6 is balanced and forwarded as one of IPv4.',
    source: ['paper P4, P6', 'ipvs-cases'],
    level: 'ipvs',
    tags: ['http', 'ipv6', 'content'],
    needs: ['scheduler.rr', 'ipv6'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', family: 6 }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const url = `http://[${lab.vip6}]`;
      const names = await serversAsked(client, url, 6);
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
      const [answer] = await download(other, [`${url}/1m.bin`]);
      judge.equal('sha256 of 1m.bin', contentHash('1m.bin'), answer?.hash);
      await uploads(lab, judge, `${url}/upload/http-ipv6`);
    },
  },
];

/** Uploads a file from both clients, and looks for it on the servers. */
async function uploads(lab: Lab, judge: Judge, url: string): Promise<void> {
  const command = (client: string): string => `${CURL} --upload-file /srv/content/1m.bin '${url}-${client}'`;
  await Promise.all(lab.clients.map((client) => clientCommand(client, command(client.name))));
  const file = `/run/upload/${url.split('/').at(-1) ?? ''}`;
  for (const { name } of lab.clients) {
    const found = await Promise.all(
      lab.servers.map((server) => server.run(`sha256sum '${file}-${name}'; rm -f '${file}-${name}'`)),
    );
    const hashes = found.filter(({ output }) => output !== '').map(({ output }) => output.split(' ')[0]);
    judge.equal(`sha256 of the upload of ${name}, on the one server that has it`, [contentHash('1m.bin')], hashes);
  }
}
