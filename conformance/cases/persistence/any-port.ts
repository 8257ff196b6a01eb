import type { Case } from '../../harness/case.ts';
import { icmp, ip, tcp, udp } from '../../harness/layers.ts';
import { Requests, service } from '../scheduling/requests.ts';
import { brief, serverOf, templates } from './clients.ts';

const common = { tags: ['persistence', 'services'], needs: [] } as const;

/** A service of any port, with servers 1 to 3 of any port. */
const anyPort = service('rr -p 300', [1, 1, 1], '-t 10.0.0.100:0').replaceAll(/(192\.168\.1\.\d+):80/g, '$1:0');

/** Services of port 0: every port of the virtual address (ipvsadm(8): "port-0 services must be persistent"). */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'persistence/any-port',
    title: 'A service of port 0 takes every port, and a client has one server for all of them',
    requirement:
      'Zero stands for any port: connections of a client to whatever port go to the server of his first one, and to the port that he asked for.',
    source: ['ipvsadm(8) --tcp-service', 'https://github.com/acassen/keepalived/issues/1431', 'ipvs-cases G07'],
    level: 'core',
    rules: anyPort,
    async script(lab) {
      const first = await serverOf(lab, { sourcePort: 40001, port: 80 });
      const other = await serverOf(lab, { source: '10.0.0.3', sourcePort: 40001, port: 443 });
      lab.equal('whether two clients have two servers', first !== other, true);
      const ports = [443, 9999, 1, 65535];
      const own: number[] = [];
      for (const port of ports) own.push(await serverOf(lab, { sourcePort: 40001, port }));
      lab.equal('servers of the first client', own, [first, first, first, first]);
      lab.equal(
        'server of the other for port 80',
        await serverOf(lab, { source: '10.0.0.3', sourcePort: 40002 }),
        other,
      );
    },
  },
  {
    ...common,
    id: 'persistence/any-port-template',
    title: 'The template of a service of port 0 is for port 0 at both ends',
    requirement: 'There is one template for all ports: from the client to VIP:0, at the server’s port 0.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ipvs-cases G07'],
    level: 'ipvs',
    needs: ['connections'],
    rules: anyPort,
    async script(lab) {
      await serverOf(lab, { sourcePort: 40001, port: 80 });
      await serverOf(lab, { sourcePort: 40002, port: 443 });
      lab.equal('templates', (await templates(lab)).map(brief), ['TCP 10.0.0.2:0 10.0.0.100:0 192.168.1.13:0 NONE']);
    },
  },
  {
    ...common,
    id: 'persistence/any-port-real-port',
    title: 'A server’s port means nothing to a service of port 0',
    requirement: 'Only connections to the service’s own port get the server’s port, and port 0 is nobody’s.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    level: 'ipvs',
    rules: '-A -t 10.0.0.100:0 -s rr -p 300\n-a -t 10.0.0.100:0 -r 192.168.1.11:8080 -m',
    async script(lab) {
      lab.equal('server for port 80', await serverOf(lab, { sourcePort: 40001, port: 80 }), 1);
      lab.equal('server for port 81', await serverOf(lab, { sourcePort: 40001, port: 81 }), 1);
    },
  },
  {
    ...common,
    id: 'persistence/any-port-last',
    title: 'A service of the very port goes before the one of any port',
    requirement: 'Port 0 stands for the ports that no other service of the address has.',
    source: ['ip_vs_ctl.c:ip_vs_service_find', 'ipvs-cases D41'],
    level: 'core',
    rules: `-A -t 10.0.0.100:0 -s rr -p 300\n-a -t 10.0.0.100:0 -r 192.168.1.11:0 -m\n${service('rr', [0, 1])}`,
    async script(lab) {
      const asked: number[] = [];
      for (const port of [80, 81, 80, 443]) asked.push(await serverOf(lab, { sourcePort: 40001 + asked.length, port }));
      lab.equal('servers for ports 80, 81, 80, 443', asked, [2, 1, 2, 1]);
    },
  },
  {
    ...common,
    id: 'persistence/any-port-of-its-protocol',
    title: 'A service of port 0 is of one protocol and one address',
    requirement: 'A TCP service of port 0 leaves UDP alone, and other addresses of the director.',
    source: ['ip_vs_ctl.c:ip_vs_service_find'],
    level: 'core',
    environment: { virtualAddresses: ['10.0.0.100', '10.0.0.101'] },
    rules: anyPort,
    async script(lab) {
      await new Requests(lab, { virtualPort: 1234 }).next(1);
      await lab.client.sends(
        ip({ destination: '10.0.0.101' }),
        tcp({ sourcePort: 40002, destinationPort: 1234, flags: 'S' }),
      );
      lab.client.receives(ip({ source: '10.0.0.101' }), tcp({ sourcePort: 1234, flags: 'AR' }));
      await lab.client.sends(ip({ destination: lab.vip }), udp({ sourcePort: 40003, destinationPort: 1234 }));
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    ...common,
    id: 'persistence/any-port-unserved',
    title: 'Without a server a service of port 0 refuses every port',
    requirement: 'The client of a port that nobody serves hears so by ICMP.',
    source: ['ip_vs_core.c:ip_vs_leave'],
    level: 'ipvs',
    rules: '-A -t 10.0.0.100:0 -s rr -p 300',
    async script(lab) {
      await lab.client.sends(
        ip({ destination: lab.vip }),
        tcp({ sourcePort: 40002, destinationPort: 1234, flags: 'S' }),
      );
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    ...common,
    id: 'persistence/any-port-without-persistence',
    title: 'A service of port 0 that is not persistent is refused',
    requirement: 'ipvsadm: Zero port specified for non-persistent service.',
    source: ['ipvsadm(8) --tcp-service', 'ipvs-cases G08'],
    level: 'ipvs',
    needs: ['services'],
    rules: '-A -t 10.0.0.100:0 -s rr -p 300',
    async script(lab) {
      await lab.refuses('-E -t 10.0.0.100:0 -s rr');
      await lab.configure('-D -t 10.0.0.100:0');
      await lab.refuses('-A -t 10.0.0.100:0 -s rr');
      lab.equal('services', await lab.services(), []);
    },
  },
];
