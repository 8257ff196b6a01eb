import type { Lab } from '../lab/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { CONTENTS, contentHash, type ContentName } from '../services/content.ts';
import { ftpService } from './ftp-service.ts';
import type { Judge } from './judge.ts';
import type { Scenario } from './scenario.ts';

const FILES = Object.keys(CONTENTS) as ContentName[];
/** More bytes than these say no more. */
const MIRRORED = FILES.filter((name) => name !== 'large.bin');

/** Several transfers that belong together, on one control connection or on many. */
const sessions: readonly Omit<Scenario, 'needs' | 'level' | 'tags' | 'rules'>[] = [
  {
    name: 'ftp-one-session',
    title: 'One session has every kind of data connection, one after the other',
    requirement:
      'A control connection may ask for several data connections. Where replies became longer or shorter on the way, both ends go on counting right: later commands and replies arrive as they were sent.',
    source: ['RFC 959 §3.2', 'paper P18', 'RFC 9293 §3.4'],
    script: oneSession,
  },
  {
    name: 'ftp-several-at-once',
    title: 'Two clients fetch several files, each on connections of its own at once',
    requirement:
      'Sessions of several clients with several servers do not mix: each data connection reaches the server of its control connection, whatever the scheduler would choose.',
    source: ['paper P12, P18', 'RFC 959 §3.2'],
    async script({ clients: [client, other], vip }, judge) {
      const all = MIRRORED.map(contentHash);
      const [passive, active] = await Promise.all([mirror(client, vip, 'on'), mirror(other, vip, 'off')]);
      judge.equal(`sha256 of the files at ${client.name}, passive`, all, passive);
      judge.equal(`sha256 of the files at ${other.name}, active`, all, active);
    },
  },
  {
    name: 'ftp-abort',
    title: 'A transfer that the client breaks off leaves the session whole',
    requirement:
      'ABOR ends a transfer and its data connection; the control connection remains, for transfers whose data connection comes about in either way.',
    source: ['RFC 959 §4.1.3', 'paper P18'],
    script: abort,
  },
];

export const scenarios: readonly Scenario[] = sessions.flatMap((session): readonly Scenario[] => {
  const same = { ...session, level: 'core', tags: ['ftp', 'content'], rules: (lab: Lab) => ftpService(lab) } as const;
  return [
    { ...same, needs: ['application.ftp'], topologies: ['vs-nat'] },
    { ...same, needs: [], topologies: ['vs-tun', 'vs-dr'] },
  ];
});

async function oneSession(lab: Lab, judge: Judge): Promise<void> {
  const [client] = lab.clients;
  const folder = await newFolder(client);
  const said = await dialogue(
    client,
    `cd ${folder} && tnftp -a -i -v ${lab.vip}`,
    ...['binary', 'passive on', 'epsv4 off', 'get /content/small.txt 1', 'get /content/10k.bin 2'],
    ...['nlist /content listed', 'put 1 /upload/session.1'],
    ...['epsv4 on', 'get /content/100k.bin 3', 'put 2 /upload/session.2'],
    ...['passive off', 'get /content/1m.bin 4', 'epsv4 off', 'get /content/small.txt 5', 'put 3 /upload/session.3'],
    ...['passive on', 'get /content/1m.bin 6', 'bye'],
  );
  judge.equal('greetings of servers', 1, said.filter((line) => line.startsWith('220 ')).length);
  judge.equal('last reply', '221 Goodbye.', said.at(-1));
  const names: readonly ContentName[] = ['small.txt', '10k.bin', '100k.bin', '1m.bin', 'small.txt', '1m.bin'];
  const wanted = names.map(contentHash);
  judge.equal('sha256 of what was got', wanted, await hashes(client, folder, '1 2 3 4 5 6'));
  const listed = await client.run(`sort ${folder}/listed`);
  const contents = [...FILES, 'tls'].map((name) => `/content/${name}`).sort();
  judge.equal('the listing', contents, listed.output.trim().split(/\s+/));
  const put = await Promise.all(lab.servers.map((server) => hashes(server, '/srv/upload', 'session.*')));
  judge.equal('sha256 of what was put, at the one server', wanted.slice(0, 3), put.flat());
}

async function abort(lab: Lab, judge: Judge): Promise<void> {
  const [client] = lab.clients;
  const folder = await newFolder(client);
  const begin = [
    'set net:limit-rate 1000000',
    'cat /content/large.bin | head -c 50000 >>begun',
    'set net:limit-rate 0',
  ];
  const said = await dialogue(
    client,
    `cd ${folder} && lftp --norc`,
    ...['debug 4', ...IMPATIENT, 'set net:socket-buffer 65536', `open ${lab.vip}`],
    ...[...begin, 'get /content/1m.bin -o 1', 'set ftp:passive-mode off'],
    ...[...begin, 'get /content/1m.bin -o 2', 'bye'],
  );
  judge.equal('greetings of servers', 1, said.filter((line) => line.startsWith('<--- 220 ')).length);
  const replies = said.filter((line) => /^<--- [24]2[56] /.test(line)).map((line) => line.slice(5, 8));
  // For the transfer, for ABOR, and for the transfer after it.
  const ends = ['426', '226', '226'];
  judge.equal('how transfers ended', [...ends, ...ends], replies);
  const wanted = [contentHash('1m.bin'), contentHash('1m.bin')];
  judge.equal('sha256 of what was got afterwards', wanted, await hashes(client, folder, '1 2'));
}

/** Settings of lftp: what does not go at once does not go. */
const IMPATIENT = ['set net:max-retries 1', 'set net:timeout 3'];

/** Fetches all files by four connections at once. Returns the hashes of what came. */
async function mirror(client: Machine, host: string, passive: 'on' | 'off'): Promise<readonly string[]> {
  const folder = await newFolder(client);
  await dialogue(
    client,
    'lftp --norc',
    ...[...IMPATIENT, `set ftp:passive-mode ${passive}`, `open ${host}`],
    `mirror --parallel=4 --exclude tls/ --exclude large /content ${folder}`,
    'bye',
  );
  return hashes(client, folder, MIRRORED.join(' '));
}

async function newFolder(client: Machine): Promise<string> {
  return (await client.must('mktemp -d')).trim();
}

/** What a client prints that is given these commands, a line each. */
async function dialogue(client: Machine, program: string, ...commands: readonly string[]): Promise<readonly string[]> {
  const { output } = await client.run(`${program} 2>&1 <<'END'\n${commands.join('\n')}\nEND`);
  return output.trimEnd().split(/\r?\n/);
}

/** SHA-256 of files, as many as there are. */
async function hashes(machine: Machine, folder: string, files: string): Promise<readonly string[]> {
  const { output } = await machine.run(`cd ${folder} && sha256sum ${files}`);
  return output.split('\n').flatMap((line) => line.split(/\s/)[0] || []);
}
