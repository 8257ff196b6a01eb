import { parseIpv4 } from '../../../reference/wire/address.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { entry, FLAGS, isTold, message, tell } from './messages.ts';

/** The client's segments to port 80 have mark 5. */
const environment = {
  marks: [{ mark: 5, protocol: 'tcp', destination: '10.0.0.100/32', destinationPorts: [80, 80] }],
} as const;

const service = (more = '') => `
  -A -f 5 -s rr ${more}
  -a -f 5 -r 192.168.1.11:0 -m
`;
const BACKUP = '--start-daemon backup --mcast-interface server --syncid 3';
const MASTER = '--start-daemon master --mcast-interface server --syncid 3';

const common = { level: 'ipvs', environment } as const;
const master = { ...common, tags: ['sync', 'master', 'fwmark'], needs: ['clock', 'fwmark'] } as const;
const backup = { ...common, tags: ['sync', 'backup', 'fwmark'], needs: ['services'] } as const;

/** Seconds after which a message has left for sure. */
const SENT = 3;

/** Three packets of the client's on an established connection. */
async function threePackets(lab: Lab): Promise<void> {
  const flow = lab.flow({ servers: [lab.servers[0]] });
  await flow.establish();
  await flow.clientSends('AP', { payload: 'third' });
}

/** Active connections by server: `192.168.1.11:0 1`. */
async function active(lab: Lab): Promise<readonly string[]> {
  const rows = (await lab.services()).flatMap(({ servers }) => servers);
  return rows.map((server) => `${server.address} ${server.active}`).sort();
}

export const cases: readonly Case[] = [
  {
    ...master,
    id: 'sync/mark-told',
    title: 'A connection of a firewall mark is told with the mark',
    requirement: 'The entry has the mark of the packet that made the connection.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn', 'ip_vs_core.c:ip_vs_schedule'],
    rules: `${service()}  ${MASTER}\n`,
    async script(lab) {
      await threePackets(lab);
      await lab.wait(SENT);
      isTold(lab, message([entry({ mark: 5 })]));
    },
  },
  {
    ...master,
    id: 'sync/mark-of-no-service-told',
    title: 'The mark is that of the packet, whether the service was found by it or not',
    requirement: 'A connection of a service of address and port is told with the mark that its first packet had.',
    source: ['ip_vs_core.c:ip_vs_schedule'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
      ${MASTER}
    `,
    async script(lab) {
      await threePackets(lab);
      await lab.wait(SENT);
      isTold(lab, message([entry({ mark: 5 })]));
    },
  },
  {
    ...master,
    id: 'sync/mark-of-template-told',
    title: 'The template of a firewall mark is told with the mark, in the place of the virtual address too',
    requirement:
      'The template has protocol 0, no ports, the mark as its virtual address and as its mark, and the service’s timeout.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    rules: `${service('-p 50')}  ${MASTER}\n`,
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.clientSends('S');
      await lab.wait(SENT);
      const template = {
        protocol: 0,
        clientPort: 0,
        virtualAddress: 5,
        virtualPort: 0,
        destinationPort: 0,
        flags: FLAGS.template | FLAGS.inactive,
        state: 0,
        timeout: 50,
        mark: 5,
      };
      isTold(lab, message([entry(template)]));
    },
  },
  {
    ...backup,
    id: 'sync/mark-looked-up',
    title: 'A backup finds the server of a connection by the mark that is told',
    requirement:
      'A connection told with the mark counts at the server of the mark’s service, with its port or with none; one without the mark has no service here.',
    source: ['ip_vs_ctl.c:ip_vs_find_dest', 'ip_vs_ctl.c:ip_vs_service_find'],
    rules: `${service()}  ${BACKUP}\n`,
    async script(lab) {
      await tell(lab, message([entry({ clientPort: 40002 })]));
      lab.equal('active without a mark', await active(lab), ['192.168.1.11:0 0']);
      await tell(lab, message([entry({ mark: 5 })]));
      lab.equal('active with the mark', await active(lab), ['192.168.1.11:0 1']);
      await lab.flow({ servers: [lab.servers[0]] }).clientSends('A');
    },
  },
  {
    ...backup,
    id: 'sync/mark-and-method',
    title: 'Of two servers of one address the method that is told decides: VS/NAT has the port, VS/DR has none',
    requirement:
      'By a mark and VS/NAT the server with the port that is told comes first, by VS/DR or VS/TUN the one without a port.',
    source: ['ip_vs_ctl.c:ip_vs_find_dest'],
    rules: `${service()}  -a -f 5 -r 192.168.1.11:80 -m\n  ${BACKUP}\n`,
    async script(lab) {
      await tell(lab, message([entry({ mark: 5 })]));
      lab.equal('active after VS/NAT', await active(lab), ['192.168.1.11:0 0', '192.168.1.11:80 1']);
      const others = (['direct-route', 'tunnel'] as const).map((method, index) =>
        entry({ mark: 5, clientPort: 40002 + index, flags: FLAGS[method] }),
      );
      await tell(lab, message(others));
      lab.equal('active after VS/DR and VS/TUN', await active(lab), ['192.168.1.11:0 2', '192.168.1.11:80 1']);
    },
  },
  {
    ...backup,
    id: 'sync/mark-stays',
    title: 'A connection that waits for its server is looked up by the mark that was told first',
    requirement:
      'A later message does not change the mark: told without one first, the connection is not bound to the server of a mark that is told afterwards, and the other way round it is, once the server is there.',
    source: ['ip_vs_conn.c:ip_vs_try_bind_dest'],
    rules: `${service()}  ${BACKUP}\n`,
    async script(lab) {
      const told = { clientPort: 40002, destinationAddress: parseIpv4('192.168.1.12') };
      await tell(lab, message([entry(), entry({ ...told, mark: 5 })]));
      await tell(lab, message([entry({ mark: 5 })]));
      lab.equal('active when the mark comes later', await active(lab), ['192.168.1.11:0 0']);
      await lab.configure('-a -f 5 -r 192.168.1.12:0 -m');
      await tell(lab, message([entry(told)]));
      lab.equal('active when the mark came first', await active(lab), ['192.168.1.11:0 0', '192.168.1.12:0 1']);
    },
  },
];
