import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { DirectorLab, SERVERS, VIP } from './testing/director-lab.ts';
import { layerOf } from './testing/packets.ts';
import { ip, tcp } from './wire/layer.ts';

const [RS1, RS2, RS3] = SERVERS;
const service = '-t 10.0.0.100:80';
const rulesOf = (persistence: string): readonly string[] => [
  `-A ${service} -s rr ${persistence}`,
  ...[RS1, RS2, RS3].map((server) => `-a ${service} -r ${server}:80 -m`),
];

/** A row of the connection table. */
interface Row {
  readonly client: string;
  readonly clientPort: string;
  readonly server: string;
  readonly state: string;
}

function rows(lab: DirectorLab): readonly Row[] {
  return lab.connections().map((line) => {
    const [, client = '', clientPort = '', , , server = '', , state = ''] = line.split(' ');
    return { client, clientPort, server, state };
  });
}

const isTemplate = ({ clientPort }: Row): boolean => clientPort === '0000';

/** The server that a segment of the client reaches. */
function send(lab: DirectorLab, source: string, sourcePort: number, flags: string): string | undefined {
  const sent = lab.fromClient(ip({ source, destination: VIP }), tcp({ sourcePort, destinationPort: 80, flags }));
  return sent.map(({ layers }) => layerOf(layers, 'ip').destination)[0];
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('open' as const), client: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      which: fc.nat(),
      flags: fc.constantFrom('A', 'AF', 'R', 'S'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), seconds: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('weigh' as const), which: fc.nat(2), weight: fc.nat(1) }) },
);

describe('persistence', () => {
  property.prop([fc.array(step, { maxLength: 60, size: 'max' }), fc.constantFrom(5, 100, 300)], { numRuns: 200 })(
    'same client, same server, whatever comes in between, until the template ends; and it never ends before its children',
    (steps, timeout) => {
      const lab = new DirectorLab({ rules: rulesOf(`-p ${timeout}`) });
      const opened: { readonly source: string; readonly port: number; readonly server: string | undefined }[] = [];
      for (const [index, step] of steps.entries()) {
        if (step.kind === 'open') {
          const source = `10.9.0.${step.client + 1}`;
          const kept = rows(lab).find((row) => isTemplate(row) && row.client === `0A09000${step.client + 1}`);
          const server = send(lab, source, 40000 + index, 'S');
          if (kept !== undefined) expect(hex(server)).toBe(kept.server);
          if (server !== undefined) opened.push({ source, port: 40000 + index, server });
        }
        const connection = step.kind === 'segment' ? opened[step.which % Math.max(1, opened.length)] : undefined;
        if (step.kind === 'segment' && connection !== undefined)
          send(lab, connection.source, connection.port, step.flags);
        if (step.kind === 'advance') lab.advance(step.seconds);
        if (step.kind === 'weigh') {
          lab.director.administer(`-e ${service} -r ${SERVERS[step.which] ?? ''}:80 -m -w ${step.weight}`);
        }
        const now = rows(lab);
        const pairs = now.filter(isTemplate).map(({ client, server }) => `${client} ${server}`);
        expect(new Set(now.map(({ client, server }) => `${client} ${server}`))).toEqual(new Set(pairs));
        expect(new Set(pairs).size).toBe(pairs.length);
      }
      lab.advance(86_400);
      expect(rows(lab)).toEqual([]);
      expect(
        [...lab.director.servicesText().matchAll(/Masq +\d +(\d+) +(\d+)/g)].map(([, ...counts]) => counts),
      ).toEqual([
        ['0', '0'],
        ['0', '0'],
        ['0', '0'],
      ]);
    },
  );

  test('a template that is not valid any more is out of the way, and ends at its own time (ipvs-cases G04)', () => {
    const lab = new DirectorLab({ rules: rulesOf('-p 300') });
    lab.director.setSysctl('vs.expire_quiescent_template', '1');
    expect(send(lab, '10.9.0.1', 40001, 'S')).toBe(RS3);
    lab.director.administer(`-e ${service} -r ${RS3}:80 -m -w 0`);
    expect(send(lab, '10.9.0.1', 40002, 'S')).toBe(RS2);
    expect(lab.connections().filter((line) => line.includes(' 0000 '))).toEqual([
      'TCP 0A090001 0000 0A000064 FFFF C0A8010D FFFF NONE 300',
      'TCP 0A090001 0000 0A000064 0050 C0A8010C 0050 NONE 300',
    ]);
    lab.advance(400);
    expect(lab.connections()).toEqual([]);
  });

  test('clients of one network have one template (ipvs-cases, facts §1.5)', () => {
    const lab = new DirectorLab({ rules: rulesOf('-p 300 -M 255.0.0.0') });
    expect([send(lab, '10.9.0.1', 1, 'S'), send(lab, '10.200.7.7', 2, 'S')]).toEqual([RS3, RS3]);
    expect(
      rows(lab)
        .filter(isTemplate)
        .map(({ client }) => client),
    ).toEqual(['0A000000']);
  });
});

function hex(address = ''): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0').toUpperCase())
    .join('');
}
