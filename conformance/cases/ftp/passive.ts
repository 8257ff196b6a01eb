import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { carriesData, ControlConnection, numbers, oneServer } from './control-connection.ts';

/** 200 · 256 + 10. */
const DATA_PORT = 51210;

export const cases: readonly Case[] = [
  {
    id: 'ftp/passive',
    title: 'A passive data connection reaches the server that the reply named',
    requirement:
      "The reply to PASV carries the server's private address: the client must get the virtual address instead, and his data connection to what he was told must reach the server at the port that it opened.",
    source: ['paper P18, P4', 'RFC 959 §3.2, §4.1.2', 'ipvs-cases H01, H05'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const named = await control.passive(DATA_PORT);
      lab.equal('the address that the client is told', named.address, lab.vip);
      const data = control.passiveData(named, DATA_PORT);
      await data.open();
      await control.command('RETR file');
      await control.reply('150 here it comes');
      await carriesData(data);
      await control.reply('226 done');
    },
  },
  {
    id: 'ftp/passive-numbers',
    title: 'After a reply that changed its length both ends count right',
    requirement:
      'Where the translated reply is shorter or longer, sequence numbers of what follows and acknowledgements of it are adjusted, selective ones too, so that each end sees one stream of bytes without gap or overlap.',
    source: ['paper P18', 'RFC 9293 §3.4', 'RFC 2018 §3', 'ipvs-cases H02, H03'],
    level: 'core',
    tags: ['nat', 'ftp', 'sequence'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.passive(DATA_PORT);
      const { tcp: connection } = control;
      await connection.clientSends('A');
      await control.command('NOOP');
      await control.reply('200 first of two lines');
      await control.reply('200 second of two lines');
      await connection.clientSends('A');
      // The second line (25 bytes) again, as after a lost acknowledgement: far behind the translated reply.
      const again = { sent: 25, received: 25 };
      await connection.serverSends('AP', { payload: '200 second of two lines\r\n', again });
      await control.command('QUIT');
      await control.reply('221 goodbye');
      await connection.serverSends('AF');
      await connection.clientSends('AF');
      await connection.serverSends('A');
    },
  },
  {
    id: 'ftp/passive-again',
    title: 'Every reply to PASV is translated, and what they change adds up',
    requirement:
      'One control connection may ask for several data connections: each reply is translated, each data connection is expected, and the numbers are adjusted by the sum of the changes.',
    source: ['paper P18', 'RFC 959 §3.2', 'RFC 9293 §3.4'],
    level: 'core',
    tags: ['nat', 'ftp', 'sequence'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const [index, port] of [51210, 51211, 1025, 65535].entries()) {
        const named = await control.passive(port);
        lab.equal('the address that the client is told', named.address, lab.vip);
        await control.tcp.clientSends('A');
        const data = control.passiveData(named, port, 40500 + index);
        await data.open();
        await control.command('LIST');
        await control.reply('150 here it comes');
        await carriesData(data);
        await control.reply('226 done');
      }
    },
  },
  {
    id: 'ftp/passive-longer',
    title: 'A reply that grows is translated like one that shrinks',
    requirement:
      'Where the virtual address is longer as text than the server’s the reply grows; lengths, checksums and numbers follow.',
    source: ['paper P18', 'RFC 959 §4.1.2', 'RFC 9293 §3.4'],
    level: 'core',
    tags: ['nat', 'ftp', 'sequence'],
    needs: ['application.ftp'],
    environment: { virtualAddresses: ['10.0.0.100', '203.0.113.200'] },
    rules: `
      -A -t 203.0.113.200:21 -s rr
      -a -t 203.0.113.200:21 -r 192.168.1.11:21 -m -w 1
    `,
    async script(lab) {
      const control = await ControlConnection.open(lab, { virtualAddress: '203.0.113.200' });
      for (const [index, port] of [51210, 51211].entries()) {
        const named = await control.passive(port);
        lab.equal('the address that the client is told', named.address, '203.0.113.200');
        const data = control.passiveData(named, port, 40500 + index);
        await data.open();
        await carriesData(data);
        await control.reply('226 done');
        await control.command('NOOP');
      }
    },
  },
  {
    id: 'ftp/passive-bare',
    title: 'A reply to PASV is understood with and without parentheses',
    requirement:
      'The text around the six numbers of a reply 227 is free: who reads it must look for the digits. What stands around them stays.',
    source: ['paper P18', 'RFC 1123 §4.1.2.6'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      const address = control.server.address;
      const replies = [
        `227 Entering Passive Mode ${numbers(address, 51210)}`,
        `227 =${numbers(address, 51211)}`,
        `227 (${numbers(address, 51212)})`,
        `227 Bitte sehr: (${numbers(address, 51213)}). Viel Vergnuegen`,
      ];
      for (const [index, reply] of replies.entries()) {
        const named = await control.passive(51210 + index, { reply });
        lab.equal('the address that the client is told', named.address, lab.vip);
        await control.passiveData(named, 51210 + index, 40500 + index).open();
      }
    },
  },
  {
    id: 'ftp/passive-commands-any-case',
    title: 'PASV is understood in capitals and small letters',
    requirement: 'Commands of FTP may be given in capitals, small letters or a mixture.',
    source: ['paper P18', 'RFC 959 §5.3', 'ipvs-cases H13'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const [index, command] of ['pasv', 'Pasv', 'pAsV'].entries()) {
        const port = DATA_PORT + index;
        const named = await control.passive(port, { command });
        lab.equal('the address that the client is told', named.address, lab.vip);
        await control.passiveData(named, port, 40500 + index).open();
      }
    },
  },
  {
    id: 'ftp/extended-passive',
    title: 'An extended passive data connection reaches the server',
    requirement:
      'The reply to EPSV carries a port alone: the client connects to that port of the virtual address, and reaches the server at the port that it opened.',
    source: ['paper P18', 'RFC 2428 §3', 'ipvs-cases H06'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const [index, port] of [51300, 1024].entries()) {
        const named = await control.extendedPassive(port);
        const data = control.passiveData(named, port, 40600 + index);
        await data.open();
        await carriesData(data);
      }
      await control.command('NOOP');
      await control.reply('200 still here');
    },
  },
  {
    id: 'ftp/passive-own-client-only',
    title: 'The data connection is for the client that asked for it',
    requirement:
      'What the director expects after PASV is a connection from the client of the control connection: from any other address the same port reaches no server.',
    source: ['paper P18, P12', 'RFC 2577 §3'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: ['application.ftp'],
    rules: oneServer,
    async script(lab) {
      const { otherClient, servers, vip } = lab;
      const control = await ControlConnection.open(lab);
      const named = await control.passive(DATA_PORT);
      await otherClient.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40500, destinationPort: named.port, flags: 'S' }),
      );
      for (const server of servers) server.receivesNothing();
      if (otherClient.hasPacket) otherClient.receives(ip({ source: vip, destination: otherClient.address }));
      const data = control.passiveData(named, DATA_PORT);
      await data.open();
      await carriesData(data);
    },
  },
];
