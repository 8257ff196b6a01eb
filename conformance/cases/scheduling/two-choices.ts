import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';

/** How many of `count` new connections each server gets. */
async function shares(lab: Lab, count: number): Promise<readonly number[]> {
  const chosen: string[] = [];
  for (let port = 40001; port < 40001 + count; port++) {
    const flow = lab.flow({ port });
    await flow.clientSends('S');
    chosen.push(flow.server.name);
  }
  return lab.servers.map(({ name }) => chosen.filter((other) => other === name).length);
}

export const cases: readonly Case[] = [
  {
    id: 'scheduling/twos-shares-by-weight',
    title: 'twos keeps servers near their shares, closer than chance alone would',
    requirement:
      'Of two servers drawn with chances by their weights the one with fewer connections for its weight takes the connection; one of weight 0 gets none.',
    source: ['ip_vs_twos.c:ip_vs_twos_schedule', 'ipvs-cases D43', 'ipvsadm(8)'],
    level: 'core',
    tags: ['scheduling'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s twos
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.13:80 -m -w 2
      -a -t 10.0.0.100:80 -r 192.168.1.14:80 -m -w 0
    `,
    async script(lab) {
      const [first = 0, second = 0, third = 0, fourth = 0] = await shares(lab, 200);
      // Chance alone would leave a share of 50 with a standard deviation of 6.
      lab.within('connections of the first server, weight 1', first, 44, 56);
      lab.within('connections of the second, weight 1', second, 44, 56);
      lab.within('connections of the third, weight 2', third, 92, 108);
      lab.equal('connections of the fourth, weight 0', fourth, 0);
    },
  },
];
