import { checksumErrors } from '../../../reference/wire/packet.ts';
import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { carriesData, ControlConnection, numbers, oneServer } from './control-connection.ts';

const needs = ['application.ftp'] as const;

/** What looks like an address and is none, or is something else altogether. */
const NO_COMMANDS = [
  'PORT',
  'PORT 1,2,3',
  'PORT 10,0,0,2,160',
  'PORT a,b,c,d,e,f',
  'PORT 10.0.0.2.160.5',
  'EPRT |1|10.0.0.2|',
  'EPRT |2|2001:db8::1|41000|',
  'EPRT |1|10.0.0|41000|',
  'EPRT 1 10.0.0.2 41000',
  `PORT ${'9'.repeat(1000)}`,
  `PORT ${','.repeat(1000)}`,
  `EPRT ${'|'.repeat(1000)}`,
  `SITE ${everyByte(256)}`,
];

/** Replies after PASV that name no address. */
const NO_REPLIES = [
  '425 cannot open a data connection',
  '227',
  '227 Entering Passive Mode',
  '227 Entering Passive Mode (192,168,1,11,200).',
  '227 Entering Passive Mode (192.168.1.11.200.10).',
  `227 ${'('.repeat(1000)}`,
  `227 Entering Passive Mode (1,1,1,1,1${' '.repeat(500)},1)`,
  `220 ${everyByte(256)}`,
];

export const cases: readonly Case[] = [
  {
    id: 'ftp/commands-that-name-nothing',
    title: 'Commands without a proper address pass as they are',
    requirement:
      'What is no address is not for the translation to understand: it reaches the server byte for byte, and the control connection goes on.',
    source: ['paper P18', 'RFC 959 §4.1.2', 'RFC 2428 §2'],
    level: 'core',
    tags: ['nat', 'ftp', 'hostile'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const command of NO_COMMANDS) {
        await control.command(command);
        await control.reply('501 no');
      }
      await control.passiveData(await control.passive(51210), 51210).open();
    },
  },
  {
    id: 'ftp/replies-that-name-nothing',
    title: 'Replies without a proper address pass as they are',
    requirement:
      'A reply to PASV that holds no address reaches the client byte for byte, and the next PASV is answered and translated as ever.',
    source: ['paper P18', 'RFC 959 §4.1.2'],
    level: 'core',
    tags: ['nat', 'ftp', 'hostile'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      for (const reply of NO_REPLIES) {
        await control.command('PASV');
        await control.reply(reply);
      }
      const named = await control.passive(51210);
      lab.equal('the address that the client is told', named.address, lab.vip);
    },
  },
  {
    id: 'ftp/other-services',
    title: 'What looks like FTP on another port is not touched',
    requirement:
      'Payload is translated for services that are known to carry addresses: on the port of another service the words of FTP are data like any other, in both directions.',
    source: ['paper P11, P13, P18'],
    level: 'core',
    tags: ['nat', 'ftp'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      const { address } = flow.server;
      await flow.clientSends('AP', { payload: 'PASV\r\n' });
      await flow.serverSends('AP', { payload: `227 Entering Passive Mode (${numbers(address, 51210)}).\r\n` });
      await flow.clientSends('AP', { payload: 'EPSV\r\n' });
      await flow.serverSends('AP', { payload: `229 Entering Extended Passive Mode (|1|${address}|51300|)\r\n` });
      await flow.clientSends('A');
      await flow.serverSends('AP', { payload: '226 done\r\n' });
    },
  },
  {
    id: 'ftp/number-too-large',
    title: 'A number above 255 names no address',
    requirement:
      'Each of the six numbers of PORT is one byte. With a larger one the command names no address, and no data connection is expected from it.',
    source: ['paper P18', 'RFC 959 §4.1.2', 'ipvs-cases H19'],
    level: 'core',
    tags: ['nat', 'ftp', 'hostile'],
    needs,
    rules: oneServer,
    async script(lab) {
      const { client, servers, vip } = lab;
      const control = await ControlConnection.open(lab);
      // 416 is 160 and 256 more; 40965 would be the port of 160,5.
      await control.command('PORT 10,0,0,2,416,5');
      await control.reply('501 no');
      await servers[0].sends(
        ip({ destination: client.address }),
        tcp({ sourcePort: 20, destinationPort: 40965, flags: 'S' }),
      );
      // A server's packet of no connection may be routed as it is, or dropped; it must not come from the virtual address.
      let source: string | undefined;
      if (client.hasPacket) {
        const { layers } = client.receives(ip({ destination: client.address }), tcp({ sourcePort: 20, flags: 'S' }));
        source = layers.flatMap(({ layer }) => (layer.kind === 'ip' ? [layer.source] : []))[0];
      }
      lab.equal('a data connection was expected', source === vip, false, { id: 'ftp-numbers-wrap', value: true });
      await control.command(`PORT ${numbers(client.address, 40966)}`);
      await control.activeData(40966).openFromServer();
    },
  },
  {
    id: 'ftp/passive-repeated',
    title: 'A reply that is sent again is translated again',
    requirement:
      'A server that gets no acknowledgement repeats its reply. The same bytes in the same place of the stream: the client must get what he got, or would have got, the first time.',
    source: ['paper P18', 'RFC 9293 §3.8.1', 'RFC 959 §4.1.2', 'ipvs-cases H04'],
    level: 'core',
    tags: ['nat', 'ftp', 'sequence'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.command('PASV');
      const reply = '227 Entering Passive Mode (192,168,1,11,200,10).\r\n';
      const first = await control.tcp.serverSends('AP', { payload: reply, arrives: { any: true } });
      const again = { sent: reply.length, received: first.length };
      const second = await control.tcp.serverSends('AP', { payload: reply, arrives: { any: true }, again });
      lab.equal('the reply that came again', second, first, { id: 'ftp-repeated-reply', value: reply });
      await control.command('NOOP');
      await control.reply('200 still here');
    },
  },
  {
    id: 'ftp/damaged',
    title: 'A damaged segment of a control connection is not made good',
    requirement:
      'A segment with a wrong checksum is dropped or arrives with a wrong checksum, whatever it says: the payload of the translation must not hide the damage. Nor is an address read out of it.',
    source: ['paper P17, P18', 'RFC 9293 §3.1', 'ipvs-cases H16'],
    level: 'core',
    tags: ['nat', 'ftp', 'checksum', 'hostile'],
    needs,
    rules: oneServer,
    async script(lab) {
      const { client, servers, vip } = lab;
      const control = await ControlConnection.open(lab);
      const requests = { sourcePort: 40001, destinationPort: 21, sequence: 1017, acknowledgement: 5027, flags: 'AP' };
      await client.sends(ip({ destination: vip }), tcp({ ...requests, checksum: 0x1234 }), {
        kind: 'payload',
        data: '504153560d0a',
      });
      if (servers[0].hasPacket) {
        const { bytes } = servers[0].receives(ip(), tcp({ checksum: { any: true } }));
        lab.equal('wrong checksums of the damaged request', checksumErrors(bytes).length, 1);
      }
      const replies = { sourcePort: 21, destinationPort: 40001, sequence: 5027, acknowledgement: 1017, flags: 'AP' };
      await servers[0].sends(ip({ destination: client.address }), tcp({ ...replies, checksum: 0x1234 }), {
        kind: 'payload',
        data: '323030206f6b0d0a',
      });
      if (client.hasPacket) {
        const { bytes } = client.receives(ip(), tcp({ checksum: { any: true } }));
        lab.equal('wrong checksums of the damaged reply', checksumErrors(bytes).length, 1);
      }
      const named = await control.passive(51210);
      lab.equal('the address that the client is told', named.address, lab.vip);
      await carriesData(await opened(control, named.port));
    },
  },
  {
    id: 'ftp/damaged-dropped',
    title: 'A damaged segment of a control connection is dropped',
    requirement:
      'Where the helper looks after a connection every segment is verified; one with a wrong checksum is dropped, either way.',
    source: ['ip_vs_proto_tcp.c:tcp_dnat_handler, tcp_snat_handler', 'ipvs-cases H16'],
    level: 'ipvs',
    tags: ['nat', 'ftp', 'checksum'],
    needs,
    rules: oneServer,
    async script(lab) {
      const control = await ControlConnection.open(lab);
      await control.tcp.clientSendsInVain('AP', { payload: 'NOOP\r\n', tcp: { checksum: 0x1234 } });
      await control.tcp.serverSendsInVain('AP', { payload: '200 ok\r\n', tcp: { checksum: 0x1234 } });
      await control.command('NOOP');
      await control.reply('200 still here');
    },
  },
];

async function opened(control: ControlConnection, port: number) {
  const data = control.passiveData(port, 51210);
  await data.open();
  return data;
}
