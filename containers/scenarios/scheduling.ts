import { contentHash } from '../services/content.ts';
import { answerOf, CURL, download, downloadCommand, serversAsked } from './curl.ts';
import { distribution } from './distribution.ts';
import type { Scenario } from './scenario.ts';
import { serviceName, virtualService } from './virtual-service.ts';

/** curl's status where the connection was refused. */
const REFUSED = 7;

/** Who answers, as applications see it: schedulers, persistence, and a server that is to get no more connections. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'weighted-round-robin',
    title: 'Weighted round robin keeps to 3 : 1 and leaves out weight 0',
    requirement:
      'Of servers with the weights 3, 1 and 0, the first gets three connections for one of the second, the third none.',
    source: ['paper P6', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'scheduler'],
    needs: ['scheduler.wrr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'wrr', weights: [3, 1, 0] }),
    async script(lab, judge) {
      const names = await serversAsked(lab.clients[0], `http://${lab.vip}`, 16);
      judge.equal('answers of each server', { server1: 12, server2: 4 }, distribution(names));
    },
  },
  {
    name: 'least-connection',
    title: 'While some servers are busy, the others get the connections',
    requirement: 'Least connection gives a new connection to the server with the fewest active ones.',
    source: ['paper P6', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'scheduler', 'content'],
    needs: ['scheduler.lc'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'lc' }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const url = `http://${lab.vip}/1m.bin?rate=1m`;
      const answers = await Promise.all([download(client, [url, url]), download(other, [url])]);
      const servers = answers.flat().map(({ server }) => server);
      judge.equal(
        'servers of three connections at once',
        { server1: 1, server2: 1, server3: 1 },
        distribution(servers),
      );
      judge.equal(
        'sha256 of 1m.bin, three times',
        Array(3).fill(contentHash('1m.bin')),
        answers.flat().map(({ hash }) => hash),
      );
    },
  },
  {
    name: 'source-hashing',
    title: 'A client keeps its server by its address',
    requirement: 'Source hashing chooses the server by the address of the client alone, whatever the port.',
    source: ['paper P6', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'scheduler'],
    needs: ['scheduler.sh'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'sh' }),
    async script(lab, judge) {
      for (const client of lab.clients) {
        const names = await serversAsked(client, `http://${lab.vip}`, 10);
        judge.equal(`servers of ${client.name} in 10 connections`, 1, new Set(names).size);
      }
    },
  },
  {
    name: 'persistence',
    title: 'A persistent service keeps each client on its server, and the next one for another client',
    requirement:
      'With persistence all connections of a client go to one server; the scheduler chooses it with the first.',
    source: ['paper P6', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'persistence'],
    needs: ['scheduler.rr', 'persistence'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', options: '-p 60' }),
    async script(lab, judge) {
      const servers = [];
      for (const client of lab.clients) {
        const names = await serversAsked(client, `http://${lab.vip}`, 10);
        judge.equal(`servers of ${client.name} in 10 connections`, 1, new Set(names).size);
        servers.push(names[0]);
      }
      judge.holds('their servers', 'two different ones', servers, servers[0] !== servers[1]);
    },
  },
  {
    name: 'quiescence',
    title: 'A server of weight 0 gets no new connection and finishes the one it has',
    requirement: 'A server whose weight becomes 0 gets no new connections, while those that it has are served on.',
    source: ['paper P12', 'ipvsadm(8)'],
    level: 'core',
    tags: ['http', 'scheduler', 'content'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', weights: [1, 0, 0] }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const slow = client.spawn(downloadCommand(`http://${lab.vip}/1m.bin?rate=500k`));
      await lab.servers[0].must('until [ -n "$(ss -Htn state established sport = :80)" ]; do sleep 0.05; done');
      const before = await serversAsked(other, `http://${lab.vip}`, 2);
      judge.equal('servers while only one has weight', ['server1', 'server1'], before);
      const weight = (index: 0 | 1 | 2, value: number): string =>
        `-e ${serviceName(lab, { port: 80 })} -r ${lab.servers[index].address}:80 ${lab.method} -w ${value}`;
      await lab.director.administer([weight(0, 0), weight(1, 1), weight(2, 1)]);
      const after = await serversAsked(other, `http://${lab.vip}`, 6);
      judge.equal('servers of new connections', { server2: 3, server3: 3 }, distribution(after));
      const { status, output, errors } = await slow.ended;
      judge.equal('exit status of curl', 0, status);
      judge.equal('what it got meanwhile', { server: 'server1', hash: contentHash('1m.bin') }, answerOf(output));
      judge.equal('what it complained of', '', errors);
    },
  },
  {
    name: 'no-server-left',
    title: 'Where no server is left, clients are refused at once instead of waiting',
    requirement:
      'A connection for which no server can be had is answered with ICMP "port unreachable", by which clients give up.',
    source: ['RFC 1122 §4.2.3.9', 'ipvs §7.3'],
    level: 'ipvs',
    tags: ['http', 'scheduler', 'icmp'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr', weights: [1, 0, 0] }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const url = `http://${lab.vip}`;
      judge.equal('servers while there is one', ['server1', 'server1'], await serversAsked(client, url, 2));
      await lab.director.administer([`-d ${serviceName(lab, { port: 80 })} -r ${lab.servers[0].address}:80`]);
      const { status, output } = await client.run(
        `${CURL} --output /dev/null --write-out '%{time_total}' '${url}/whoami'`,
      );
      judge.equal('status of curl without one', REFUSED, status);
      judge.holds('seconds until it knew', 'less than 1', Number(output), Number(output) < 1);
    },
  },
];
