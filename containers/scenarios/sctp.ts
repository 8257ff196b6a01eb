import { contentHash } from '../services/content.ts';
import { clientCommand } from './client-command.ts';
import { inTurn } from './distribution.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** Ports that the servers do not have: were they not rewritten, SCTP's checksum, which has no pseudo-header, would not change. */
const FILE_PORT = 9100;
const KEEPING_PORT = 9101;

/** SCTP on the virtual address: socat at both ends. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'sctp-download',
    title: 'Associations go to the servers in turn, and what they bring is whole',
    requirement:
      'SCTP is balanced as TCP is: an association belongs to one server, and a packet whose port is rewritten gets a new CRC32c.',
    source: ['RFC 9260 §6.8', 'RFC 9260 appendix A', 'ipvs §2.6'],
    level: 'ipvs',
    tags: ['sctp', 'content'],
    needs: ['sctp', 'scheduler.rr'],
    topologies: ['vs-nat-sctp'],
    rules: (lab) => virtualService(lab, { protocol: 'sctp', port: FILE_PORT, realPort: 9000, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const names = [];
      for (let association = 1; association <= 4; association++) {
        const came = await clientCommand(
          client,
          `socat -u SCTP:${lab.vip}:${FILE_PORT} CREATE:/tmp/came && head -n 1 /tmp/came && tail -n +2 /tmp/came | sha256sum`,
        );
        const [name = '', hash] = came.split(/\s+/);
        judge.equal(`sha256 of 100k.bin from ${name}`, contentHash('100k.bin'), hash);
        names.push(name);
      }
      judge.holds('servers that sent it', 'the three in turn', names, inTurn(names, 3));
    },
  },
  {
    name: 'sctp-upload',
    title: 'What a client sends arrives whole, at one server',
    requirement: 'All packets of an association go to the server that was chosen with its INIT.',
    source: ['RFC 9260 §5.1', 'ipvs §2.6'],
    level: 'ipvs',
    tags: ['sctp', 'content'],
    needs: ['sctp', 'scheduler.rr'],
    topologies: ['vs-nat-sctp'],
    rules: (lab) => virtualService(lab, { protocol: 'sctp', port: KEEPING_PORT, realPort: 9001, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const file = '/run/upload/sctp-5901';
      await clientCommand(client, `socat -u OPEN:/srv/content/1m.bin SCTP:${lab.vip}:${KEEPING_PORT},sourceport=5901`);
      // The client is done when all is acknowledged; the server's file is, a moment later.
      const hashOf = `[ -e ${file} ] || exit 0; until [ -z "$(ss -HnS state established)" ]; do sleep 0.05; done; sha256sum ${file}`;
      const found = await Promise.all(lab.servers.map((server) => server.must(hashOf)));
      const hashes = found.filter((output) => output !== '').map((output) => output.split(' ')[0]);
      judge.equal('sha256 on the one server that has it', [contentHash('1m.bin')], hashes);
    },
  },
];
