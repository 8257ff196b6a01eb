import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, tcp, udp } from '../../harness/layers.ts';
import { ControlConnection } from '../ftp/control-connection.ts';
import { Requests, service } from '../scheduling/requests.ts';
import { latestEnd } from '../timeouts/lifetime.ts';
import { brief, serverOf, templates } from './clients.ts';

const common = { tags: ['persistence', 'ftp'], needs: [] } as const;
const ftp = service('rr -p 300', [1, 1, 1], '-t 10.0.0.100:21').replaceAll(/(192\.168\.1\.\d+):80/g, '$1:21');

/** The director itself answers: nothing is balanced there. */
async function isOwn({ client, vip }: Lab, destinationPort: number, sourcePort = 40900): Promise<void> {
  await client.sends(ip({ destination: vip }), tcp({ sourcePort, destinationPort, flags: 'S' }));
  client.receives(ip({ source: vip }), tcp({ sourcePort: destinationPort, destinationPort: sourcePort, flags: 'AR' }));
}

/** FTP where the director sees half of it, or leaves it to persistence: whatever port a client uses, his server is the same. */
export const cases: readonly Case[] = [
  ...(['tunnel', 'direct-route'] as const).map((method): Case => ({
    ...common,
    id: `persistence/ftp-${method}`,
    title: `${method === 'tunnel' ? 'VS/TUN' : 'VS/DR'}: passive data connections of a persistent FTP service go where the control connection went`,
    requirement:
      'If a virtual service is to handle FTP connections then persistence must be set for it if direct routing or tunnelling is used: connections of the client to unprivileged ports of the address follow his control connection.',
    source: ['ipvsadm(8) NOTES', 'ip_vs_core.c:ip_vs_sched_persist', 'ip_vs_ctl.c:ip_vs_service_find'],
    level: 'core',
    rules: ftp.replaceAll('-m ', method === 'tunnel' ? '-i ' : '-g '),
    async script(lab) {
      const { client, otherClient } = lab;
      const control = lab.flow({ method, virtualPort: 21 });
      await control.establish();
      const other = lab.flow({ method, virtualPort: 21, client: otherClient });
      await other.establish();
      lab.equal('whether two clients have two servers', control.server !== other.server, true);
      for (const port of [51210, 1024, 65535]) {
        await lab.flow({ method, virtualPort: port, port: 40500, servers: [control.server] }).establish();
        await lab
          .flow({ method, virtualPort: port, port: 40500, client: otherClient, servers: [other.server] })
          .establish();
      }
      await control.clientSends('AP', { payload: 'QUIT\r\n' });
      lab.equal(
        'hosts with something left',
        [client, otherClient].map(({ hasPacket }) => hasPacket),
        [false, false],
      );
    },
  })),
  ...(['tunnel', 'direct-route'] as const).map((method): Case => ({
    ...common,
    id: `persistence/ftp-active-${method}`,
    title: `${method === 'tunnel' ? 'VS/TUN' : 'VS/DR'}: a client’s answer to the server’s data connection goes to that server`,
    requirement:
      'Under direct routing or tunnelling a server’s active data connection passes the director by: the first that it sees is the client’s SYN with ACK to port 20 of the virtual address, and persistence has it reach the server of the client’s control connection.',
    source: ['ipvsadm(8) NOTES', 'RFC 959 §3.2', 'ip_vs_proto_tcp.c:tcp_conn_schedule'],
    level: 'core',
    rules: service('rr -p 300', [1, 1, 1], '-t 10.0.0.100:0')
      .replaceAll(/(192\.168\.1\.\d+):80/g, '$1:0')
      .replaceAll('-m ', method === 'tunnel' ? '-i ' : '-g '),
    async script(lab) {
      const { client, otherClient } = lab;
      const controls = [client, otherClient].map((from) => lab.flow({ method, virtualPort: 21, client: from }));
      for (const control of controls) await control.establish();
      lab.equal('whether two clients have two servers', new Set(controls.map(({ server }) => server)).size, 2);
      for (const [index, from] of [client, otherClient].entries()) {
        const servers = controls.slice(index, index + 1).map(({ server }) => server);
        const data = lab.flow({ method, virtualPort: 20, port: 40965, client: from, servers });
        await data.clientSends('AS');
        await data.clientSends('A');
        await data.clientSends('AP', { payload: 'an upload' });
      }
    },
  })),
  {
    ...common,
    id: 'persistence/ftp-template',
    title: 'The template of an FTP service is for port 0 at both ends',
    requirement: 'The control connection and all data connections hang on one template from the client to VIP:0.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    level: 'ipvs',
    needs: ['connections'],
    rules: ftp.replaceAll('-m ', '-g '),
    async script(lab) {
      await lab.flow({ method: 'direct-route', virtualPort: 21 }).establish();
      await lab.flow({ method: 'direct-route', virtualPort: 51210, port: 40500 }).clientSends('S');
      lab.equal('records', (await lab.connections()).map(brief), [
        'TCP 10.0.0.2:0 10.0.0.100:0 192.168.1.13:0 ASSURED',
        'TCP 10.0.0.2:40001 10.0.0.100:21 192.168.1.13:21 ESTABLISHED',
        'TCP 10.0.0.2:40500 10.0.0.100:51210 192.168.1.13:51210 SYN_RECV',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/ftp-ports',
    title: 'Of FTP are its own port, the data port and the unprivileged ones',
    requirement:
      'Port 20 and ports from 1024 on belong to a persistent FTP service; ports below 1024 are the director’s own.',
    source: ['ip_vs_ctl.c:ip_vs_service_find', 'ipvs-cases §6.5'],
    level: 'ipvs',
    rules: ftp,
    async script(lab) {
      const servers: number[] = [];
      for (const port of [21, 20, 1024])
        servers.push(await serverOf(lab, { sourcePort: 40001 + servers.length, port }));
      lab.equal('servers', servers, [3, 3, 3]);
      for (const port of [80, 1023, 22]) await isOwn(lab, port);
      await lab.client.sends(ip({ destination: lab.vip }), udp({ sourcePort: 40001, destinationPort: 51210 }));
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    ...common,
    id: 'persistence/ftp-not-persistent',
    title: 'Without persistence the unprivileged ports beside FTP are the director’s own',
    requirement:
      'A service that is not persistent schedules its own port only; what else is asked of the address is let pass.',
    source: ['ip_vs_core.c:ip_vs_schedule', 'ip_vs_core.c:ip_vs_leave'],
    level: 'ipvs',
    rules: service('rr', [1, 1], '-t 10.0.0.100:21'),
    async script(lab) {
      await new Requests(lab, { virtualPort: 21, realPort: 80 }).next(1);
      await isOwn(lab, 51210);
      await isOwn(lab, 20);
    },
  },
  {
    ...common,
    id: 'persistence/ftp-unserved',
    title: 'A persistent FTP service without server refuses its port, and lets the others pass',
    requirement:
      'Where no server is left the control connection is refused by ICMP; a data port is the director’s own again.',
    source: ['ip_vs_core.c:ip_vs_leave'],
    level: 'ipvs',
    rules: '-A -t 10.0.0.100:21 -s rr -p 300',
    async script(lab) {
      await lab.client.sends(ip({ destination: lab.vip }), tcp({ sourcePort: 40001, destinationPort: 21, flags: 'S' }));
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
      await isOwn(lab, 51210);
    },
  },
  {
    ...common,
    id: 'persistence/ftp-beside-others',
    title: 'A service of the very port goes before FTP, and FTP before the service of any port',
    requirement:
      'The order of look-ups is: address and port; FTP for what may be its data; port 0. The last two have templates in common.',
    source: ['ip_vs_ctl.c:ip_vs_service_find'],
    level: 'ipvs',
    rules: `
      -A -t 10.0.0.100:21 -s rr -p 300
      -a -t 10.0.0.100:21 -r 192.168.1.11:21 -m
      -A -t 10.0.0.100:8080 -s rr
      -a -t 10.0.0.100:8080 -r 192.168.1.12:8080 -m
      -A -t 10.0.0.100:0 -s rr -p 300
      -a -t 10.0.0.100:0 -r 192.168.1.13:0 -m
    `,
    async script(lab) {
      const servers: number[] = [];
      for (const port of [8080, 8081, 20, 80, 21]) {
        servers.push(await serverOf(lab, { source: `10.9.1.${servers.length}`, sourcePort: 40001, port }));
      }
      lab.equal('servers for ports 8080, 8081, 20, 80, 21', servers, [2, 1, 1, 3, 1]);
      // Their templates are found by the same key.
      lab.equal(
        'server for port 80 of a client of FTP',
        await serverOf(lab, { source: '10.9.1.1', sourcePort: 40002 }),
        1,
      );
    },
  },
  {
    ...common,
    id: 'persistence/ftp-from-data-port',
    title: 'Nothing from port 20 is scheduled, persistent or not',
    requirement: 'Connections from port 20 are active FTP’s, which servers open: those of a client are let pass.',
    source: ['ip_vs_core.c:ip_vs_schedule', 'ipvs-cases D37'],
    level: 'ipvs',
    rules: ftp,
    async script(lab) {
      await new Requests(lab, { virtualPort: 21 }).next(1);
      await isOwn(lab, 51210, 20);
      await isOwn(lab, 21, 20);
    },
  },
  {
    ...common,
    id: 'persistence/ftp-nat-chain',
    title: 'VS/NAT: FTP data hang on their control connection, and that on its template',
    requirement:
      'Data connections are found out from the control connection as ever. The template lives on while the control connection does, and that while data flow.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out', 'ip_vs_conn.c:ip_vs_conn_expire'],
    level: 'ipvs',
    needs: ['application.ftp', 'connections', 'clock'],
    rules: '-A -t 10.0.0.100:21 -s rr -p 20\n-a -t 10.0.0.100:21 -r 192.168.1.11:21 -m',
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const data = control.passiveData(await control.passive(51210), 51210);
      await data.open();
      await lab.wait(500);
      await data.serverSends('AP', { payload: 'a long file' });
      await data.clientSends('A');
      await lab.wait(500);
      const [template, ...others] = await lab.connections();
      lab.equal(
        'records',
        [template, ...others].map((row) => (row === undefined ? '' : brief(row))),
        [
          'TCP 10.0.0.2:0 10.0.0.100:0 192.168.1.11:0 ASSURED',
          'TCP 10.0.0.2:40001 10.0.0.100:21 192.168.1.11:21 ESTABLISHED',
          'TCP 10.0.0.2:40500 10.0.0.100:51210 192.168.1.11:51210 ESTABLISHED',
        ],
      );
      await data.clientSends('AR');
      await lab.wait(latestEnd(10) + 2 * latestEnd(60) + 10);
      lab.equal('templates', await templates(lab), []);
    },
  },
];
