import type { Case } from '../../harness/case.ts';
import type { Lab, ServiceRow } from '../../harness/lab.ts';

const service = '-t 10.0.0.100:80';
const three = `
  -A ${service} -s rr
  -a ${service} -r 192.168.1.11:80 -m -w 1
  -a ${service} -r 192.168.1.12:80 -m -w 1
  -a ${service} -r 192.168.1.13:80 -m -w 1
`;

const ofOne = async (lab: Lab): Promise<ServiceRow | undefined> => (await lab.services())[0];
const addresses = (row: ServiceRow | undefined) => row?.servers.map(({ address }) => address);

export const cases: readonly Case[] = [
  {
    id: 'administration/edit-service-connections',
    title: 'Connections outlive a change of their service',
    requirement:
      'A service may get another scheduler while it is at work: the connections it has stay with their servers, and new ones are balanced.',
    source: ['paper P12, P6', 'ipvs-cases I10'],
    level: 'core',
    tags: ['administration', 'connection'],
    needs: ['scheduler.wlc', 'scheduler.lc', 'scheduler.wrr'],
    rules: three,
    async script(lab) {
      const servers = lab.servers.slice(0, 3);
      const flows = [40001, 40002, 40003].map((port) => lab.flow({ port, servers }));
      for (const flow of flows) await flow.establish();
      for (const [index, scheduler] of ['wlc', 'wrr', 'lc', 'rr', 'rr'].entries()) {
        await lab.configure(`-E ${service} -s ${scheduler}`);
        for (const flow of flows) {
          await flow.clientSends('AP', { payload: `under ${scheduler}` });
          await flow.serverSends('AP', { payload: `still ${scheduler}` });
        }
        const next = [0, 1, 2].map((each) => lab.flow({ port: 41000 + 3 * index + each, servers }));
        for (const flow of next) await flow.establish();
        // Equal load and weight: by any of these schedulers three requests go to three servers.
        lab.equal(`servers under ${scheduler}`, new Set(next.map(({ server }) => server.name)).size, 3);
      }
    },
  },
  {
    id: 'administration/edit-service-kept',
    title: 'Editing a service changes its scheduler and nothing else',
    requirement:
      'The order of the servers, their weights and their counts stay. The same scheduler named again goes on where it was.',
    source: ['ip_vs_ctl.c:ip_vs_edit_service', 'ipvs-cases I10'],
    level: 'ipvs',
    tags: ['administration', 'scheduling'],
    needs: ['services', 'scheduler.wlc'],
    rules: three,
    async script(lab) {
      await lab.flow({ port: 40001 }).establish();
      const before = await ofOne(lab);
      await lab.configure(`-E ${service} -s rr`);
      lab.equal('service', await ofOne(lab), before);
      await lab.flow({ port: 40002, servers: [lab.servers[1]] }).establish();
      const second = await ofOne(lab);
      await lab.configure(`-E ${service} -s wlc`);
      const edited = await ofOne(lab);
      lab.equal('scheduler', edited?.scheduler, 'wlc');
      lab.equal('servers', edited?.servers, second?.servers);
    },
  },
  {
    id: 'administration/order-of-servers',
    title: 'A server keeps its place when edited, and goes to the front when added again',
    requirement: 'New servers stand at the front of their service. An edit leaves the place, a removal closes the gap.',
    source: ['ip_vs_ctl.c:ip_vs_add_dest, ip_vs_edit_dest, ip_vs_del_dest'],
    level: 'ipvs',
    tags: ['administration', 'listing'],
    needs: ['services'],
    rules: three,
    async script(lab) {
      const [first, second, third] = ['192.168.1.11:80', '192.168.1.12:80', '192.168.1.13:80'];
      lab.equal('order', addresses(await ofOne(lab)), [third, second, first]);
      await lab.configure(`-e ${service} -r ${second} -m -w 9`);
      lab.equal('order after an edit', addresses(await ofOne(lab)), [third, second, first]);
      lab.equal(
        'weights',
        (await ofOne(lab))?.servers.map(({ weight }) => weight),
        [1, 9, 1],
      );
      await lab.configure(`-d ${service} -r ${second}`);
      lab.equal('order after a removal', addresses(await ofOne(lab)), [third, first]);
      await lab.configure(`-a ${service} -r ${second} -m -w 1`);
      lab.equal('order after its return', addresses(await ofOne(lab)), [second, third, first]);
    },
  },
  {
    id: 'administration/defaults',
    title: 'Left out, the scheduler is wlc, the method VS/DR, the weight 1',
    requirement:
      'A service without scheduler is wlc; a server without method is reached by direct routing, without weight it has 1. A server of VS/DR or VS/TUN has the port of its service, whatever is named.',
    source: ['ipvsadm(8)', 'ipvsadm.c:process_options', 'ipvs-cases E36'],
    level: 'ipvs',
    tags: ['administration', 'listing'],
    needs: ['services', 'scheduler.wlc', 'direct-route'],
    rules: `
      -A ${service}
      -a ${service} -r 192.168.1.11
      -a ${service} -r 192.168.1.12:8080
      -a ${service} -r 192.168.1.13:8080 -i
      -a ${service} -r 192.168.1.14:8080 -m
    `,
    async script(lab) {
      const row = await ofOne(lab);
      lab.equal('scheduler', row?.scheduler, 'wlc');
      const counts = { weight: 1, active: 0, inactive: 0 };
      lab.equal('servers', row?.servers, [
        { address: '192.168.1.14:8080', forward: 'Masq', ...counts },
        { address: '192.168.1.13:80', forward: 'Tunnel', ...counts },
        { address: '192.168.1.12:80', forward: 'Route', ...counts },
        { address: '192.168.1.11:80', forward: 'Route', ...counts },
      ]);
    },
  },
  {
    id: 'administration/spellings',
    title: 'Long options and values in the same word mean the same',
    requirement:
      'Every option has a long name; a value may stand in the next word, behind an equals sign, or right behind a single letter.',
    source: ['ipvsadm(8)', 'ipvsadm.c:parse_options'],
    level: 'ipvs',
    tags: ['administration'],
    needs: ['services', 'nat', 'tunnel', 'direct-route', 'tcp', 'timeouts', 'scheduler.wrr'],
    rules: '',
    async script(lab) {
      await lab.configure(
        '--add-service --tcp-service 10.0.0.100:80 --scheduler wrr',
        '--add-server --tcp-service 10.0.0.100:80 --real-server 192.168.1.11:8080 --masquerading --weight 2',
        '--add-server --tcp-service=10.0.0.100:80 --real-server=192.168.1.12 --ipip --weight=65536',
        '-a -t10.0.0.100:80 -r192.168.1.13:80 -g -w0 --u-threshold 7 --l-threshold 3',
      );
      const row = await ofOne(lab);
      lab.equal('scheduler', row?.scheduler, 'wrr');
      lab.equal(
        'servers',
        row?.servers.map(({ address, forward, weight }) => [address, forward, weight]),
        [
          ['192.168.1.13:80', 'Route', 0],
          ['192.168.1.12:80', 'Tunnel', 65536],
          ['192.168.1.11:8080', 'Masq', 2],
        ],
      );
      await lab.configure(
        '--edit-server --tcp-service 10.0.0.100:80 --real-server 192.168.1.13:80 --gatewaying --weight 5',
      );
      await lab.configure('--delete-server --tcp-service 10.0.0.100:80 --real-server 192.168.1.12:80');
      await lab.configure('--edit-service --tcp-service 10.0.0.100:80 --scheduler wrr', '--zero', '--set 0 0 0');
      lab.equal(
        'weights',
        (await ofOne(lab))?.servers.map(({ weight }) => weight),
        [5, 2],
      );
      await lab.configure('--delete-service --tcp-service 10.0.0.100:80');
      lab.equal('services', await lab.services(), []);
    },
  },
  {
    id: 'administration/zero',
    title: 'Zeroing statistics touches nothing else',
    requirement: '-Z, of one service or of all, leaves services, servers, counts and connections as they are.',
    source: ['ip_vs_ctl.c:ip_vs_zero_service', 'ipvsadm(8)'],
    level: 'ipvs',
    tags: ['administration'],
    needs: ['services', 'connections'],
    rules: three,
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      const before = await lab.servicesText();
      for (const command of [`-Z ${service}`, '-Z']) {
        await lab.configure(command);
        lab.equal(`services after ${command}`, await lab.servicesText(), before);
        lab.equal(`connections after ${command}`, (await lab.connections()).length, 1);
        await flow.clientSends('AP', { payload: 'as ever' });
        await flow.serverSends('A');
      }
    },
  },
  {
    id: 'administration/up-to-the-refusal',
    title: 'Of several commands those before a refused one hold',
    requirement: 'Commands take effect one by one: a refused one undoes nothing that went before it.',
    source: ['ipvsadm(8)'],
    level: 'ipvs',
    tags: ['administration'],
    needs: ['services', 'scheduler.wlc'],
    rules: three,
    async script(lab) {
      await lab.flow({ servers: [lab.servers[2]] }).establish();
      await lab.configure(`-d ${service} -r 192.168.1.13:80`);
      await lab.refuses(`-d ${service} -r 192.168.1.13:80`);
      await lab.configure(`-E ${service} -s wlc`);
      await lab.refuses(`-E ${service} -s nosuchscheduler`);
      const row = await ofOne(lab);
      lab.equal('scheduler', row?.scheduler, 'wlc');
      lab.equal('servers', addresses(row), ['192.168.1.12:80', '192.168.1.11:80']);
    },
  },
];
