import type { Lab } from '../lab/lab.ts';
import { clientCommand } from './client-command.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

const SECONDS = 2;

/** Connections that wrk holds open. A multiple of the number of servers, so that each gets as many. */
const CONNECTIONS = 12;

/** Bytes of a datagram: three frames. */
const LENGTH = 4000;

/** As much as can be had for a time: no request may fail by it. What it came to stands among the checks. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'load-kept-connections',
    title: 'Requests one upon the other on kept connections: none fails, each server has its share',
    requirement: 'However many packets there are, each is forwarded to the server of its connection.',
    source: ['paper P6, P12, P20'],
    level: 'core',
    tags: ['http', 'load'],
    needs: ['scheduler.rr'],
    recorded: false,
    rules: (lab) => virtualService(lab, { port: 8080, scheduler: 'rr' }),
    script: (lab, judge) => loads(lab, judge, ''),
  },
  {
    name: 'load-new-connections',
    title: 'A new connection for each request: none fails, each server has its share',
    requirement: 'However many connections begin and end, each is scheduled in turn, and no packet finds another’s.',
    source: ['paper P6, P12, P16, P20'],
    level: 'core',
    tags: ['http', 'load'],
    needs: ['scheduler.rr'],
    recorded: false,
    rules: (lab) => virtualService(lab, { port: 8080, scheduler: 'rr' }),
    script: (lab, judge) => loads(lab, judge, "--header 'Connection: close'"),
  },
  {
    name: 'load-tcp-stream',
    title: 'iperf3 over TCP, both ways: control and data connection meet at one server',
    requirement:
      'A service of several connections that belong together needs persistence: all of a client go to one server.',
    source: ['paper P6', 'ipvsadm(8) -p'],
    level: 'core',
    tags: ['iperf3', 'load', 'persistence'],
    needs: ['scheduler.rr', 'persistence'],
    recorded: false,
    rules: (lab) => virtualService(lab, { port: 5201, scheduler: 'rr', options: '-p 60' }),
    async script(lab, judge) {
      for (const [direction, option] of [
        ['to', ''],
        ['from', '--reverse'],
      ] as const) {
        const received = await iperf(lab, option);
        judge.holds(`bytes ${direction} the server`, 'some', received.bytes, received.bytes > 0);
        judge.notes(`megabits a second ${direction} the server`, megabits(received.bits_per_second));
      }
    },
  },
  {
    name: 'load-udp-stream',
    title: 'iperf3 over UDP, both ways, each datagram in fragments: nothing is lost',
    requirement:
      'Datagrams in fragments are forwarded whole; a hash of the client puts them where its control connection is.',
    source: ['paper P14', 'RFC 791 §3.2', 'ipvsadm(8)'],
    level: 'core',
    tags: ['iperf3', 'load', 'udp', 'fragments'],
    needs: ['udp', 'scheduler.sh'],
    rules: (lab) =>
      [
        virtualService(lab, { port: 5201, scheduler: 'sh' }),
        virtualService(lab, { protocol: 'udp', port: 5201, scheduler: 'sh' }),
      ].join('\n'),
    async script(lab, judge) {
      for (const [direction, option] of [
        ['to', ''],
        ['from', '--reverse'],
      ] as const) {
        const { packets, lost_packets: lost } = await iperf(lab, `--udp --bitrate 1M --length ${LENGTH} ${option}`);
        const what = `datagrams of ${LENGTH} bytes ${direction} the server`;
        judge.equal(`${what}, lost`, 0, lost);
        judge.holds(what, 'more than 20', packets, (packets ?? 0) > 20);
      }
    },
  },
];

async function loads(lab: Lab, judge: Judge, options: string): Promise<void> {
  const before = await requestsServed(lab);
  const said = await clientCommand(
    lab.clients[0],
    `wrk --threads 1 --connections ${CONNECTIONS} --duration ${SECONDS}s ${options} http://${lab.vip}:8080/small.txt`,
  );
  const served = (await requestsServed(lab)).map((count, index) => count - (before[index] ?? 0));
  const complaints = said.split('\n').filter((line) => /Socket errors|Non-2xx/.test(line));
  judge.equal('complaints of wrk', [], complaints);
  const requests = Number(/(\d+) requests in/.exec(said)?.[1]);
  judge.holds('requests answered', 'some', requests, requests > 0);
  judge.holds(
    'requests that each server had',
    'some at each',
    served,
    served.every((count) => count > 0),
  );
  judge.notes('requests a second', Math.round(requests / SECONDS));
}

/** What each server's nginx counts, without the question for it. */
async function requestsServed(lab: Lab): Promise<readonly number[]> {
  const outputs = await Promise.all(lab.servers.map((server) => server.must('curl -sS http://127.0.0.1/status')));
  // "accepts handled requests", and a number below each.
  return outputs.map((output) => Number(/\d+ \d+ (\d+)/.exec(output)?.[1]) - 1);
}

async function iperf(lab: Lab, options: string): Promise<Received> {
  // Between two tests a server is deaf for a moment.
  const idle = 'until tail -n 2 /var/log/iperf3.log | grep -q listening; do sleep 0.05; done';
  await Promise.all(lab.servers.map((server) => server.must(idle)));
  const said = await clientCommand(lab.clients[0], `iperf3 --json --client ${lab.vip} --time 1 ${options}`);
  return (JSON.parse(said) as { readonly end: { readonly sum_received: Received } }).end.sum_received;
}

/** Of iperf3's report, what the receiving end says. */
interface Received {
  readonly bytes: number;
  readonly bits_per_second: number;
  /** UDP only. */
  readonly packets?: number;
  readonly lost_packets?: number;
}

function megabits(bits: number): number {
  return Math.round(bits / 1e5) / 10;
}
