import { contentHash } from '../services/content.ts';
import { download, serversAsked, serversAskedOnOne } from './curl.ts';
import { distribution, inTurn } from './distribution.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

const ALL_EQUAL = { server1: 4, server2: 4, server3: 4 };

/** HTTP on the virtual address: curl asks, nginx answers. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'http-round-robin',
    title: 'Connections of two clients go to the servers in turn',
    requirement:
      'Clients see one service on one virtual address; round robin gives each new connection to the next server, whichever client it is from.',
    source: ['paper P4, P6'],
    level: 'core',
    tags: ['http', 'scheduler'],
    needs: ['scheduler.rr'],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const url = `http://${lab.vip}`;
      const [client, other] = lab.clients;
      const names = await serversAsked(client, url, 7);
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
      const both = await Promise.all([serversAsked(client, url, 6), serversAsked(other, url, 6)]);
      judge.equal('answers to two clients at once', ALL_EQUAL, distribution(both.flat()));
    },
  },
  {
    name: 'http-weights',
    title: 'Weighted round robin keeps to 3 : 1 and leaves out weight 0',
    requirement:
      'The director chooses by the scheduler: of servers with the weights 3, 1 and 0, the first gets three connections for one of the second, the third none.',
    source: ['paper P6'],
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
      const [client, other] = lab.clients;
      const kept = await Promise.all([serversAskedOnOne(client, url, 50), serversAskedOnOne(other, url, 50)]);
      for (const [index, { servers, connections }] of kept.entries()) {
        judge.equal(`connections of client${index + 1} for 50 requests`, 1, connections);
        judge.equal(`servers that answered client${index + 1}`, 1, new Set(servers).size);
      }
      judge.equal('servers of two connections', 2, new Set(kept.flatMap(({ servers }) => servers)).size);
    },
  },
  {
    name: 'http-large-download',
    title: 'A large answer arrives whole',
    requirement: 'Responses reach the client as if one server at the virtual address had sent them.',
    source: ['paper P4, P13, P25, P32'],
    level: 'core',
    tags: ['http', 'content'],
    needs: [],
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const [answer] = await download(lab.clients[0], `http://${lab.vip}/large.bin`);
      judge.equal('sha256 of /large.bin', contentHash('large.bin'), answer?.hash);
    },
  },
];
