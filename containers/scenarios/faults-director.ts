import type { Lab } from '../lab/lab.ts';
import { serversAsked } from './curl.ts';
import { inTurn } from './distribution.ts';
import { CHANCE, CURL_STATUS, judgeBroken, judgeWhole } from './faults-judgements.ts';
import { startDownload } from './faults-transfers.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** A director that dies and comes back in the middle of transfers: it has its rules again, and none of its connections. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'director-restarted',
    title: 'A director that is started anew resets the connections that it has forgotten',
    requirement:
      'What arrives for a connection that the director does not know is for nobody, and answered with a reset, so that the client learns of it; new connections are served.',
    source: ['RFC 9293 §3.10.7.1', 'paper P12', 'ipvs §7.2'],
    level: 'ipvs',
    tags: ['http', 'fault', 'content'],
    needs: ['scheduler.rr'],
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const download = await startDownload(client, baseOf(lab), { rate: '2m', limit: 20 });
      await lab.director.restart();
      const names = await serversAsked(other, baseOf(lab), 6);
      judge.holds('servers that answer new requests', 'the three in turn', names, inTurn(names, 3));
      await judgeBroken(judge, download, [CURL_STATUS.receiveFailed]);
    },
  },
  {
    name: 'director-restarted-sloppy',
    title: 'With source hashing and sloppy_tcp a director that is started anew finds the servers again',
    requirement:
      'With sloppy_tcp a connection begins with any segment; source hashing chooses the same server for it again, so transfers outlive the director.',
    source: ['Documentation/networking/ipvs-sysctl.rst: sloppy_tcp', 'ipvs §3.10, §7.8'],
    level: 'ipvs',
    tags: ['http', 'fault', 'content'],
    needs: ['scheduler.sh', 'sysctl'],
    mayDiffer: CHANCE,
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'sh' }),
    async script(lab, judge) {
      await lab.director.setSysctl('vs.sloppy_tcp', '1');
      const download = await startDownload(lab.clients[0], baseOf(lab), { rate: '2m', limit: 20 });
      await lab.director.restart();
      await judgeWhole(judge, download);
    },
  },
];

function baseOf({ vip }: Lab): string {
  return `http://${vip}`;
}
