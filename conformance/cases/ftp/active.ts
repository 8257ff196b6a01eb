import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { carriesData, ControlConnection, numbers, oneServer } from './control-connection.ts';

const HALF_SEEN = [
  { method: 'tunnel', option: '-i', name: 'VS/TUN', claim: 'paper P22' },
  { method: 'direct-route', option: '-g', name: 'VS/DR', claim: 'paper P29' },
] as const;

const rulesWith = (option: '-i' | '-g') => `
  -A -t 10.0.0.100:21 -s rr
  -a -t 10.0.0.100:21 -r 192.168.1.11:21 ${option} -w 1
`;

export const cases: readonly Case[] = [
  {
    id: 'ftp/active',
    title: 'An active data connection comes from the virtual address',
    requirement:
      'After PORT the server opens the data connection to the client from the port below its control port: the client must see it come from the virtual address and the port below the virtual one, and his answers must reach the server.',
    source: ['paper P18, P4', 'RFC 959 §3.2, §5.2', 'ipvs-cases H08, H09'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command(`PORT ${numbers(lab.client.address, 40965)}`);
      await control.reply('200 good');
      await control.command('RETR file');
      await control.reply('150 here it comes');
      const data = control.activeData(40965);
      await data.openFromServer();
      await carriesData(data);
      await control.reply('226 done');
    },
  },
  {
    id: 'ftp/active-extended',
    title: 'An extended active data connection comes from the virtual address',
    requirement: 'EPRT names an IPv4 address and port as text, between any delimiters; it is understood like PORT.',
    source: ['paper P18', 'RFC 2428 §2', 'ipvs-cases H10'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const [index, delimiter] of ['|', '!', '~'].entries()) {
        const port = 41000 + index;
        await control.command(`EPRT ${['', '1', lab.client.address, port, ''].join(delimiter)}`);
        await control.reply('200 good');
        const data = control.activeData(port);
        await data.openFromServer();
        await carriesData(data);
      }
    },
  },
  {
    id: 'ftp/active-several',
    title: 'One control connection after another PORT, and any letters',
    requirement:
      'Each PORT of a control connection announces a data connection, in capitals or small letters; several may be open at once, and each carries its own data.',
    source: ['paper P18, P12', 'RFC 959 §3.2, §5.3'],
    level: 'core',
    tags: ['nat', 'ftp', 'connection'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const connections = [];
      for (const [index, command] of ['PORT', 'port', 'Port'].entries()) {
        await control.command(`${command} ${numbers(lab.client.address, 40965 + index)}`);
        await control.reply('200 good');
        const data = control.activeData(40965 + index);
        await data.openFromServer();
        connections.push(data);
      }
      for (const data of connections) await data.serverSends('AP', { payload: `to port ${data.ends.clientPort}` });
      for (const data of connections) await carriesData(data);
    },
  },
  {
    id: 'ftp/several-at-once',
    title: 'Sessions of several clients with several servers do not mix',
    requirement:
      "A data connection goes to the server of its control connection, whatever the scheduler would choose: two clients on two servers, each with a passive and an active data connection open at once, and the servers' ports the same.",
    source: ['paper P18, P12, P4', 'RFC 959 §3.2'],
    level: 'core',
    tags: ['nat', 'ftp', 'connection'],
    needs: ['application.ftp'],
    rules: `
      -A -t 10.0.0.100:21 -s rr
      -a -t 10.0.0.100:21 -r 192.168.1.11:21 -m -w 1
      -a -t 10.0.0.100:21 -r 192.168.1.12:21 -m -w 1
    `,
    async script(lab) {
      const { client, otherClient, servers } = lab;
      // Who serves whom is the scheduler's choice: a connection that only asks.
      const order = [];
      for (const [index, from] of [client, otherClient].entries()) {
        const probe = lab.flow({ client: from, port: 39000 + index, virtualPort: 21, servers: servers.slice(0, 2) });
        await probe.clientSends('S');
        order.push(probe.server);
      }
      const sessions = [];
      for (const [index, from] of [client, otherClient].entries()) {
        const server = order[index] ?? servers[0];
        sessions.push({ from, control: await ControlConnection.open(lab, { client: from, server }) });
      }
      const connections = [];
      for (const { from, control } of sessions) {
        const passive = control.passiveData(await control.passive(51210), 51210);
        await passive.open();
        await control.command(`PORT ${numbers(from.address, 40965)}`);
        await control.reply('200 good');
        const active = control.activeData(40965);
        await active.openFromServer();
        connections.push(passive, active);
      }
      for (const data of connections) await data.serverSends('AP', { payload: `from ${data.ends.server.name}` });
      for (const data of connections) await carriesData(data);
      for (const { control } of sessions) await control.reply('226 done');
    },
  },
  ...HALF_SEEN.map(({ method, option, name, claim }): Case => ({
    id: `ftp/${method}`,
    title: `${name} leaves FTP alone`,
    requirement: `${name} does not change the packet: commands that name addresses, or ask for one, reach the server as they are, numbers and all.`,
    source: [claim, 'paper P18', 'ipvs-cases H18'],
    level: 'core',
    tags: [method, 'ftp'],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const flow = lab.flow({ virtualPort: 21, method });
      await flow.establish();
      for (const command of commandsOf(lab)) await flow.clientSends('AP', { payload: `${command}\r\n` });
    },
  })),
  ...HALF_SEEN.map(({ method, option, name }): Case => ({
    id: `ftp/${method}-expects-nothing`,
    title: `${name} expects no data connections`,
    requirement:
      'The FTP helper is bound to connections of VS/NAT alone: no other makes an entry beside the control connection.',
    source: ['ip_vs_proto_tcp.c:tcp_app_conn_bind', 'ipvs-cases H18'],
    level: 'ipvs',
    tags: [method, 'ftp'],
    needs: ['connections'],
    rules: rulesWith(option),
    async script(lab) {
      const flow = lab.flow({ virtualPort: 21, method });
      await flow.establish();
      for (const command of commandsOf(lab)) {
        await flow.clientSends('AP', { payload: `${command}\r\n` });
        lab.equal(`connections after ${command}`, (await lab.connections()).length, 1);
      }
    },
  })),
];

function commandsOf({ client: { address } }: Lab): readonly string[] {
  return ['PASV', `PORT ${numbers(address, 40965)}`, 'EPSV', `EPRT |1|${address}|41000|`];
}
