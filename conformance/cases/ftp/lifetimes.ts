import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { ControlConnection, oneServer } from './control-connection.ts';

const needs = ['application.ftp', 'connections', 'clock'] as const;

export const cases: readonly Case[] = [
  {
    id: 'ftp/expectation-ends',
    title: 'A data connection that nobody opens is no longer expected after two minutes',
    requirement:
      'The entry of an expected data connection lives for 120 seconds; after that its port is one of the director’s own.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out', 'ip_vs_proto_tcp.c:tcp_timeouts'],
    level: 'ipvs',
    tags: ['nat', 'ftp', 'timeout'],
    needs,
    rules: oneServer,
    async script(lab) {
      const { client, vip } = lab;
      const control = await ControlConnection.open(lab);
      await control.passive(51210);
      await control.passive(51211);
      await lab.wait(110);
      await control.passiveData(51210, 51210).open();
      await lab.wait(20);
      lab.equal('entry that still waits', await connectionOf(lab, 0), undefined);
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40501, destinationPort: 51211, flags: 'S' }));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 51211, destinationPort: 40501, flags: 'AR' }));
    },
  },
  {
    id: 'ftp/control-outlives',
    title: 'A control connection does not end before its data connections',
    requirement:
      'While a data connection lives its control connection does not expire: it gets another minute each time its time is over.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire', 'RFC 959 §2.3'],
    level: 'ipvs',
    tags: ['nat', 'ftp', 'timeout'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const data = control.passiveData(await control.passive(51210), 51210);
      await data.open();
      await control.tcp.clientSends('A');
      for (let minutes = 0; minutes < 20; minutes += 10) {
        await lab.wait(600);
        await data.serverSends('AP', { payload: 'a long file' });
        await data.clientSends('A');
      }
      const entry = await connectionOf(lab, 40001);
      lab.equal('state of the control connection', entry?.state, 'ESTABLISHED');
      lab.within('seconds left', entry?.expires ?? 0, 0, 60);
      await control.reply('226 done');
      await data.serverSends('AR');
      await lab.wait(15);
      lab.equal('the data connection', await connectionOf(lab, 40500), undefined);
    },
  },
  {
    id: 'ftp/control-ends-after-data',
    title: 'A control connection ends once its last data connection has',
    requirement:
      'Neither the control connection nor its data connection stays in the table for longer than their timeouts.',
    source: ['paper P16', 'ip_vs_conn.c:ip_vs_conn_expire'],
    level: 'core',
    tags: ['nat', 'ftp', 'timeout'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const data = control.passiveData(await control.passive(51210), 51210);
      await data.open();
      await lab.wait(900 + 60);
      await lab.wait(120);
      lab.equal('connections', await lab.connections(), []);
    },
  },
  {
    id: 'ftp/second-client-port',
    title: 'An expected data connection is there once',
    requirement:
      'The first SYN takes the expected connection; one from another port of the client goes to the director’s own stack.',
    source: ['ip_vs_conn.c:ip_vs_conn_fill_cport'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const { client, vip } = lab;
      const control = await ControlConnection.open(lab);
      await control.passiveData(await control.passive(51210), 51210).open();
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40501, destinationPort: 51210, flags: 'S' }));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 51210, destinationPort: 40501, flags: 'AR' }));
    },
  },
];
