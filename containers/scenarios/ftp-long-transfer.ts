import type { Machine } from '../lab/machine.ts';
import { contentHash } from '../services/content.ts';
import { ftpService } from './ftp-service.ts';
import type { Scenario } from './scenario.ts';

/** How long a connection may be idle. */
const IDLE_SECONDS = 4;
/** 8 MB at this rate last seven seconds. */
const CURL = 'curl --silent --show-error --verbose --disable-epsv --connect-timeout 3 --max-time 12 --limit-rate 1150k';

export const scenarios: readonly Scenario[] = [
  {
    name: 'ftp-long-transfer',
    title: 'A transfer may last longer than a control connection may be idle',
    requirement:
      'A control connection does not end before its data connections: while one of them lives it gets another minute each time its time is over. One without data connections ends.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire', 'RFC 959 §2.3', 'paper P16'],
    level: 'core',
    tags: ['ftp', 'content', 'timeout'],
    needs: ['application.ftp'],
    topologies: ['vs-nat'],
    rules: (lab) => `--set ${IDLE_SECONDS} 0 0\n${ftpService(lab)}`,
    async script({ clients: [client, other], servers, vip }, judge) {
      const [download, upload, idle] = await Promise.all([
        slowly(
          client,
          `--output "$file" ftp://${vip}/content/large.bin --output "$file.next" ftp://${vip}/content/10k.bin`,
        ),
        slowly(
          other,
          `-T /srv/content/large.bin ftp://${vip}/upload/long.bin -T /srv/content/10k.bin ftp://${vip}/upload/next.bin`,
        ),
        repliesWhileIdle(other, vip),
      ]);
      const wanted = [contentHash('large.bin'), contentHash('10k.bin')];
      for (const [what, { greetings, seconds }] of [
        ['download', download],
        ['upload', upload],
      ] as const) {
        judge.equal(`control connections of the ${what}s`, 1, greetings);
        judge.holds(
          `seconds of the long ${what}`,
          `more than ${IDLE_SECONDS + 1}`,
          seconds,
          seconds > IDLE_SECONDS + 1,
        );
      }
      judge.equal('sha256 of a long download and another on its control connection', wanted, download.hashes);
      const uploads = 'cd /srv/upload && sha256sum long.bin next.bin';
      const arrived = await Promise.all(servers.map((server) => server.run(uploads)));
      judge.equal(
        'sha256 of a long upload and another',
        wanted,
        arrived.flatMap(({ output }) => hashesIn(output)),
      );
      judge.equal('replies to two commands of a client that said nothing in between', 1, idle);
    },
  },
];

interface SlowTransfers {
  /** One for each control connection. */
  readonly greetings: number;
  /** That the first transfer took. */
  readonly seconds: number;
  /** Of what was received. */
  readonly hashes: readonly string[];
}

async function slowly(client: Machine, transfers: string): Promise<SlowTransfers> {
  const { output, errors } = await client.run(
    `file=$(mktemp); ${CURL} --write-out '%{time_total}\\n' ${transfers}; sha256sum "$file" "$file.next"; rm -f "$file" "$file.next"`,
  );
  const [seconds = '', ...others] = output.split('\n');
  return {
    greetings: errors.split('\n').filter((line) => line.startsWith('< 220 ')).length,
    seconds: Number(seconds),
    hashes: hashesIn(others.join('\n')),
  };
}

/** How many of two commands are answered, the second after a pause in which the connection may not be idle. */
async function repliesWhileIdle(client: Machine, host: string): Promise<number> {
  const noop = String.raw`printf 'NOOP\r\n'`;
  const { output } = await client.run(
    `{ ${noop}; sleep ${IDLE_SECONDS + 2}; ${noop}; sleep 0.5; } | nc -q 1 ${host} 21 | grep -c '^530'`,
  );
  return Number(output);
}

/** As sha256sum prints them. */
function hashesIn(text: string): readonly string[] {
  return text.match(/^[0-9a-f]{64}(?= )/gm) ?? [];
}
