import { countedDuring } from '../scale/counted-during.ts';
import { directorLoad, forwarded } from '../scale/director-load.ts';
import type { Counted } from '../scale/counted.ts';
import { CONTENTS, type ContentName } from '../services/content.ts';
import type { Lab } from '../lab/lab.ts';
import { clientCommand } from './client-command.ts';
import { CURL } from './curl.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** Answers of each size, and how many: the larger, the fewer. */
const ANSWERS: readonly (readonly [ContentName, number])[] = [
  ['small.txt', 100],
  ['10k.bin', 50],
  ['100k.bin', 20],
  ['1m.bin', 4],
];

/** Questions for MAC addresses, and answers to them: so many may pass beside what is counted. */
const STRAY = 10;

const SECONDS = 1;

/** What one request brings upon the director, by method and size of answer. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'scale',
    title: 'VS/NAT sees requests and answers, VS/TUN and VS/DR requests alone',
    requirement:
      'Under VS/NAT requests and responses both pass the director; under VS/TUN and VS/DR it handles the client’s half alone, and since requests are short and responses long, a director carries many more servers.',
    source: ['paper P9, P20, P25, P28, P33'],
    level: 'core',
    tags: ['http', 'load', 'scale'],
    needs: ['scheduler.rr'],
    topologies: ['vs-nat', 'vs-tun', 'vs-dr'],
    recorded: false,
    rules: (lab) => virtualService(lab, { port: 80, scheduler: 'rr' }),
    async script(lab, judge) {
      const secondsPerFrame = await costOfFrame(lab, judge);
      for (const [name, requests] of ANSWERS) {
        const answerBytes = CONTENTS[name];
        const counted = await countedDuring(lab, () => ask(lab, judge, name, requests));
        const load = directorLoad({ method: lab.topology.method, answerBytes, requests, secondsPerFrame }, counted);
        judge.loads.push(load);
        judgeHalves(lab, judge, `${requests} answers of ${answerBytes} bytes`, requests * answerBytes, counted);
      }
    },
  },
];

/** One connection a request, one after the other. */
async function ask(lab: Lab, judge: Judge, name: ContentName, requests: number): Promise<void> {
  const sizes = await clientCommand(
    lab.clients[0],
    `${CURL} --header 'Connection: close' --output /dev/null --write-out '%{size_download}\\n' 'http://${lab.vip}/${name}?[1-${requests}]'`,
  );
  const whole = sizes.split('\n').filter((size) => size === String(CONTENTS[name]));
  judge.equal(`answers of ${CONTENTS[name]} bytes that arrived whole`, requests, whole.length);
}

/** Which halves of the connections passed the director. */
function judgeHalves(lab: Lab, judge: Judge, what: string, answers: number, counted: Counted): void {
  const { toServers, toClients } = forwarded(counted);
  const ofServers = counted.servers.sent.frames;
  judge.holds(`${what}: frames to servers`, 'some', toServers.frames, toServers.frames > 0);
  if (lab.topology.method === 'nat') {
    judge.holds(
      `${what}: frames to clients`,
      // A frame that a busy director loses is sent again by the server.
      `some, and at most the ${ofServers} that the servers sent and ${STRAY}`,
      toClients.frames,
      toClients.frames > 0 && toClients.frames <= ofServers + STRAY,
    );
    judge.holds(`${what}: bytes to clients`, `${answers} or more`, toClients.bytes, toClients.bytes >= answers);
  } else {
    judge.holds(
      `${what}: frames to clients`,
      `none of the ${ofServers} that the servers sent, give or take ${STRAY}`,
      toClients.frames,
      toClients.frames <= STRAY && ofServers > STRAY,
    );
    const { bytes } = counted.director.received;
    judge.holds(`${what}: bytes that came to the director`, `less than ${answers}`, bytes, bytes < answers);
  }
}

/** Processor time of the director for each frame that it sends, with as many requests as can be had; null where it has none of its own. */
async function costOfFrame(lab: Lab, judge: Judge): Promise<number | null> {
  const before = await lab.director.processorSeconds();
  const counted = await countedDuring(lab, async () => {
    await clientCommand(
      lab.clients[0],
      `wrk --threads 1 --connections 12 --duration ${SECONDS}s --header 'Connection: close' http://${lab.vip}/10k.bin`,
    );
  });
  const spent = (await lab.director.processorSeconds()) - before;
  const { frames } = counted.director.sent;
  judge.holds('frames that the director sent under load', 'some', frames, frames > 0);
  judge.notes('processor time of the director for each of them, in microseconds', Math.round((spent / frames) * 1e6));
  return spent > 0 ? spent / frames : null;
}
