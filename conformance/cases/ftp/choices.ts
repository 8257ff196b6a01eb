import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { carriesData, ControlConnection, numbers, oneServer } from './control-connection.ts';

const needs = ['application.ftp', 'connections'] as const;
const LISTEN = { low: 115, high: 120 };

export const cases: readonly Case[] = [
  {
    id: 'ftp/passive-exact',
    title: 'Linux keeps the port of a passive data connection, and expects it for two minutes',
    requirement:
      'Exactly the six numbers of a reply 227 are replaced, by the virtual address and the same port. The entry that waits has client port 0, is in LISTEN for 120 seconds, and takes on the port of the first SYN.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out', 'ip_vs_conn.c:ip_vs_conn_fill_cport', 'ipvs-cases H01, H05'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const { client } = lab;
      const control = await ControlConnection.open(lab);
      await control.command('PASV');
      await control.reply('227 Entering Passive Mode (192,168,1,11,200,10).', {
        arrives: '227 Entering Passive Mode (10,0,0,100,200,10).\r\n',
      });
      const waiting = await connectionOf(lab, 0);
      lab.equal('virtual end', waiting?.virtual, '10.0.0.100:51210');
      lab.equal('destination', waiting?.destination, '192.168.1.11:51210');
      lab.equal('state', waiting?.state, 'LISTEN');
      lab.within('seconds left', waiting?.expires ?? 0, LISTEN.low, LISTEN.high);
      const data = control.passiveData(51210, 51210);
      await data.clientSends('S');
      const begun = await connectionOf(lab, 40500);
      lab.equal('client', begun?.client, `${client.address}:40500`);
      lab.equal('state after SYN', begun?.state, 'SYN_RECV');
      lab.equal('connections', (await lab.connections()).length, 2);
    },
  },
  {
    id: 'ftp/active-exact',
    title: 'Linux expects an active data connection from the virtual port below the service',
    requirement:
      'PORT makes an entry from the named client port to virtual port 20 and server port 20. It stays in LISTEN at the SYN of the server, is in SYN_RECV after the answer of the client, ESTABLISHED after the next segment of the server.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_in', 'ipvs-cases H08, H09'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command('PORT 10,0,0,2,160,5');
      const stateIs = async (what: string, state: string) =>
        lab.equal(what, (await connectionOf(lab, 40965))?.state, state);
      const waiting = await connectionOf(lab, 40965);
      lab.equal('virtual end', waiting?.virtual, '10.0.0.100:20');
      lab.equal('destination', waiting?.destination, '192.168.1.11:20');
      lab.within('seconds left', waiting?.expires ?? 0, LISTEN.low, LISTEN.high);
      await stateIs('state after PORT', 'LISTEN');
      const data = control.activeData(40965);
      await data.serverSends('S');
      await stateIs('state after SYN', 'LISTEN');
      await data.clientSends('AS');
      await stateIs('state after SYN and ACK', 'SYN_RECV');
      await data.serverSends('A');
      await stateIs('state after ACK', 'ESTABLISHED');
    },
  },
  {
    id: 'ftp/active-server-port',
    title: 'A server with another control port has another data port',
    requirement:
      'The data port of the server is the one below its control port, the virtual one the one below the virtual port.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_in'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: `
      -A -t 10.0.0.100:21 -s rr
      -a -t 10.0.0.100:21 -r 192.168.1.11:2121 -m -w 1
    `,
    async script(lab) {
      const control = await ControlConnection.open(lab, { serverPort: 2121 });
      await control.command('PORT 10,0,0,2,160,5');
      const waiting = await connectionOf(lab, 40965);
      lab.equal('virtual end', waiting?.virtual, '10.0.0.100:20');
      lab.equal('destination', waiting?.destination, '192.168.1.11:2120');
      const data = control.activeData(40965);
      await data.openFromServer();
      await carriesData(data);
    },
  },
  {
    id: 'ftp/extended-passive-address',
    title: 'An extended passive reply that names an address loses it',
    requirement:
      'Whatever stands between the delimiters of a reply 229, the client gets the port alone; the numbers follow.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out', 'ipvs-cases H07'],
    level: 'ipvs',
    tags: ['nat', 'ftp', 'sequence'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command('EPSV 1');
      await control.reply('229 Entering Extended Passive Mode (|1|192.168.1.11|51300|)', {
        arrives: '229 Entering Extended Passive Mode (|||51300|)\r\n',
      });
      lab.equal('virtual end', (await connectionOf(lab, 0))?.virtual, '10.0.0.100:51300');
      await control.command('NOOP');
      await control.reply('200 still here');
      await control.passiveData(51300, 51300).open();
    },
  },
  {
    id: 'ftp/extended-passive-all',
    title: 'EPSV ALL asks for no data connection',
    requirement: 'After EPSV ALL a reply with an address passes as it is, and nothing is expected.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_in', 'RFC 2428 §4', 'ipvs-cases H12'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command('EPSV ALL');
      await control.reply('229 Entering Extended Passive Mode (|1|192.168.1.11|51300|)');
      lab.equal('connections', (await lab.connections()).length, 1);
    },
  },
  {
    id: 'ftp/commands-anywhere',
    title: 'PASV and EPSV are recognised anywhere in a segment, PASV only with CR LF',
    requirement:
      'A segment that ends another command with PASV, or holds several commands, asks for a passive connection; PASV with a bare line feed does not.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_in', 'ipvs-cases H13, H14'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const reply = (port: number) => `227 Entering Passive Mode (${numbers('192.168.1.11', port)}).`;
      const translated = (port: number) => `227 Entering Passive Mode (${numbers('10.0.0.100', port)}).\r\n`;
      await control.tcp.clientSends('AP', { payload: 'PASV\n' });
      await control.reply(reply(51210));
      lab.equal('connections after PASV with LF', (await lab.connections()).length, 1);
      for (const [index, payload] of ['xxPASV\r\n', 'NOOP\r\nPASV\r\n', 'pasv\r\nNOOP\r\n'].entries()) {
        await control.tcp.clientSends('AP', { payload });
        await control.reply(reply(51220 + index), { arrives: translated(51220 + index) });
      }
      await control.tcp.clientSends('AP', { payload: 'xx epsv 1\r\n' });
      await control.reply('229 here (|1|192.168.1.11|51230|)', { arrives: '229 here (|||51230|)\r\n' });
      lab.equal('connections', (await lab.connections()).length, 5);
    },
  },
  {
    id: 'ftp/passive-unasked',
    title: 'A reply that nobody asked for passes as it is',
    requirement: 'Without a command that asks for it, and after one reply was translated, 227 and 229 are not touched.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const reply = '227 Entering Passive Mode (192,168,1,11,200,10).';
      await control.reply(reply);
      await control.reply('229 Entering Extended Passive Mode (|1|192.168.1.11|51300|)');
      lab.equal('connections', (await lab.connections()).length, 1);
      await control.command('PASV');
      await control.reply(reply, { arrives: '227 Entering Passive Mode (10,0,0,100,200,10).\r\n' });
      await control.reply('227 Entering Passive Mode (192,168,1,11,200,11).');
      lab.equal('connections after PASV', (await lab.connections()).length, 2);
    },
  },
  {
    id: 'ftp/passive-split',
    title: 'A reply in two segments is not translated',
    requirement: 'A reply 227 must be whole in one segment: in two it reaches the client with the private address.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_get_addrport', 'ipvs-cases H15'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command('PASV');
      await control.tcp.serverSends('A', { payload: '227 Entering Passive Mode (192,168,' });
      await control.tcp.serverSends('AP', { payload: '1,11,200,10).\r\n' });
      lab.equal('connections', (await lab.connections()).length, 1);
    },
  },
  {
    id: 'ftp/named-elsewhere',
    title: 'Data connections go where the named address says, even to another host',
    requirement:
      'A reply that names another server makes an entry for that server; PORT for another host makes one for that host, though the control connection is not his.',
    source: ['ip_vs_ftp.c:ip_vs_ftp_out', 'ip_vs_ftp.c:ip_vs_ftp_in', 'RFC 2577 §3'],
    level: 'ipvs',
    tags: ['nat', 'ftp'],
    needs,
    rules: oneServer,
    async script(lab) {
      const { client, servers, otherClient, vip } = lab;
      const control = await ControlConnection.open(lab);
      await control.command('PASV');
      await control.reply('227 Entering Passive Mode (192,168,1,12,200,10).', {
        arrives: '227 Entering Passive Mode (10,0,0,100,200,10).\r\n',
      });
      const flow = lab.flow({ port: 40500, virtualPort: 51210, servers: [servers[1]] });
      await flow.establish();
      await control.command('PORT 10,0,0,3,160,5');
      await servers[0].sends(
        ip({ destination: otherClient.address }),
        tcp({ sourcePort: 20, destinationPort: 40965, flags: 'S' }),
      );
      otherClient.receives(ip({ source: vip, destination: otherClient.address }), tcp({ sourcePort: 20, flags: 'S' }));
      client.receivesNothing();
    },
  },
];
