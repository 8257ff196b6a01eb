import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../reference/administration/parse-command.ts';
import type { Director } from '../../reference/director.ts';
import { DirectorLab } from '../../reference/testing/director-lab.ts';
import { RuleSet } from './rule-set.ts';

function setOf(lines: readonly string[]): RuleSet {
  return new RuleSet(lines.map(parseCommand));
}

/** Services with their servers, in an order of their own: what was added last stands first in a director's. */
function listing(director: Director): string[] {
  const [, , , ...lines] = director.servicesText().replace(/\n$/, '').split('\n');
  const services: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('  ->')) services.at(-1)?.push(line);
    else services.push([line]);
  }
  return services.map(([service = '', ...servers]) => [service, ...servers.sort()].join('\n')).sort();
}

/** The rules of a file: some of four services, each with some of three servers. */
const rules = fc
  .uniqueArray(
    fc.record({
      port: fc.constantFrom(80, 81, 82, 83),
      scheduler: fc.constantFrom('rr', 'wlc'),
      servers: fc.uniqueArray(
        fc.record({
          host: fc.constantFrom(11, 12, 13),
          method: fc.constantFrom('-m', '-g', '-i'),
          weight: fc.constantFrom(0, 1, 2),
        }),
        { selector: ({ host }) => host },
      ),
    }),
    { selector: ({ port }) => port },
  )
  .map((services) =>
    services.flatMap(({ port, scheduler, servers }) => [
      `-A -t 10.0.0.100:${port} -s ${scheduler}`,
      ...servers.map(
        ({ host, method, weight }) => `-a -t 10.0.0.100:${port} -r 192.168.1.${host}:${port} ${method} -w ${weight}`,
      ),
    ]),
  );

describe('the changes from some rules to others', () => {
  property.prop([rules, rules])('make of a director with the ones a director with the others', (before, after) => {
    const [changed, fresh] = [new DirectorLab({ rules: before }), new DirectorLab({ rules: after })];
    for (const command of setOf(before).changesTo(setOf(after))) changed.director.apply(command);
    expect(listing(changed.director)).toEqual(listing(fresh.director));
  });

  property.prop([rules])('are none where the rules are the same', (same) => {
    expect(setOf(same).changesTo(setOf(same))).toEqual([]);
  });

  const web = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1'];

  test('touch only what differs', () => {
    const [service = '', server = ''] = web;
    const edited = [
      service,
      server.replace('-w 1', '-w 5'),
      '-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m',
      '--set 1 2 3',
    ];
    expect(
      setOf(web)
        .changesTo(setOf(edited))
        .map(({ kind }) => kind),
    ).toEqual(['set-timeouts', 'edit-server', 'add-server']);
    expect(
      setOf(edited)
        .changesTo(setOf(web))
        .map(({ kind }) => kind),
    ).toEqual(['edit-server', 'delete-server']);
    expect(
      setOf(web)
        .changesTo(setOf([service.replace('rr', 'wlc'), server]))
        .map(({ kind }) => kind),
    ).toEqual(['edit-service']);
  });

  test('of a file that edits, deletes and clears what it said before are those of its last word', () => {
    const wordy = [
      '-A -t 10.0.0.100:81',
      '-C',
      '-A -t 10.0.0.100:80 -s wlc',
      '-E -t 10.0.0.100:80 -s rr',
      '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 7',
      '-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1',
      '-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m',
      '-d -t 10.0.0.100:80 -r 192.168.1.12:80',
      '-A -t 10.0.0.100:82',
      '-D -t 10.0.0.100:82',
      '-Z',
    ];
    expect(setOf(web).changesTo(setOf(wordy))).toEqual([]);
  });

  test('stop a daemon that is not wanted, and one that is wanted otherwise before it starts again', () => {
    const [one, other] = ['--start-daemon master --mcast-interface e0', '--start-daemon master --mcast-interface e1'];
    const kinds = (before: string[], after: string[]) =>
      setOf(before)
        .changesTo(setOf(after))
        .map(({ kind }) => kind);
    expect(kinds([one], [])).toEqual(['stop-daemon']);
    expect(kinds([one], [other])).toEqual(['stop-daemon', 'start-daemon']);
    expect(kinds([one], [one])).toEqual([]);
  });

  test('after quiesce no server takes a connection, and those that there are go on', () => {
    const lab = new DirectorLab({ rules: web });
    lab.clientSegment('S');
    for (const command of setOf(web).quiesce()) lab.director.apply(command);
    expect(lab.clientSegment('A')[0]?.layers[1]).toMatchObject({ destination: '192.168.1.11' });
    expect(lab.clientSegment('S', { sourcePort: 40002 })[0]?.layers[2]).toMatchObject({
      kind: 'icmp',
      type: 3,
      code: 3,
    });
  });
});

test('the virtual addresses of rules are those of its services, each once', () => {
  const lines = ['-A -t 10.0.0.100:80', '-A -u 10.0.0.100:53', '-A -t 10.0.0.101:80'];
  expect(setOf(lines).virtualAddresses).toEqual(['10.0.0.100', '10.0.0.101']);
});
