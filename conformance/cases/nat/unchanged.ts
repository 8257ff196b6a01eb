import type { Case } from '../../harness/case.ts';
import { everyByte } from '../every-byte.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

export const cases: readonly Case[] = [
  {
    id: 'nat/large-payload',
    title: 'Payload passes byte for byte in full-sized segments, both ways',
    requirement: 'Only addresses and ports change: what is in the segment arrives as it was sent.',
    source: ['paper P11, P13'],
    level: 'core',
    tags: ['nat', 'payload'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.clientSends('AP', { payload: everyByte(1460) });
      await flow.serverSends('AP', { payload: everyByte(1460, 97) });
      await flow.clientSends('A', { payload: everyByte(1459, 13) });
    },
  },
  {
    id: 'nat/payload-with-addresses',
    title: 'Addresses in the payload of a service without helper are left alone',
    requirement:
      'Plain rewriting does not look into the payload: addresses of client, server and virtual service pass as they are.',
    source: ['paper P11, P18'],
    level: 'core',
    tags: ['nat', 'payload'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const text = '227 Entering Passive Mode (192,168,1,11,31,144). 10.0.0.100:80 192.168.1.11:8080\r\n';
      await flow.clientSends('AP', { payload: `PASV\r\n${text}` });
      await flow.serverSends('AP', { payload: text });
    },
  },
  {
    id: 'nat/port-kept',
    title: 'Where server and service have the same port only the address changes',
    requirement: "The destination becomes the server's address and port; an equal port stays as it is.",
    source: ['paper P11, P13'],
    level: 'core',
    tags: ['nat', 'header'],
    needs: [],
    rules: rules.replace(':8080', ':80'),
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET /' });
      await flow.serverSends('AF');
    },
  },
  {
    id: 'nat/tcp-header-kept',
    title: 'Flags, window, urgent pointer and options of TCP are left alone',
    requirement:
      'Rewriting changes ports and checksum of the TCP header and nothing else of it, whatever the other fields hold.',
    source: ['paper P11, P13'],
    level: 'core',
    tags: ['nat', 'header', 'tcp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      // Maximum segment size, SACK permitted, time stamps, window scale; then time stamps and a SACK block (RFC 9293, 7323, 2018).
      await flow.clientSends('CES', { tcp: { window: 65535, options: '020405b40402080a0000000100000000010303ff' } });
      await flow.serverSends('EAS', { tcp: { window: 0, options: '0204052c' } });
      await flow.clientSends('A', { tcp: { window: 1, options: '0101080a0000000200000001' } });
      await flow.clientSends('UAP', { payload: 'urgent', tcp: { urgent: 6 } });
      await flow.serverSends('CEA', { tcp: { options: '0101050a000003e9000003ef' } });
    },
  },
  {
    id: 'nat/sequence-numbers-kept',
    title: 'Sequence and acknowledgement numbers pass as they are, over the wrap too',
    requirement: 'Plain rewriting changes addresses and ports; it neither counts nor shifts the numbers of either end.',
    source: ['paper P11, P13', 'RFC 9293 §3.4'],
    level: 'core',
    tags: ['nat', 'header', 'tcp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      const last = 0xffff_ffff;
      await flow.clientSends('S', { sequence: last });
      await flow.serverSends('AS', { sequence: last - 1, acknowledgement: 0 });
      await flow.clientSends('A', { sequence: 0, acknowledgement: last });
      await flow.clientSends('AP', { sequence: 0, acknowledgement: last, payload: 'over the wrap' });
      await flow.serverSends('AP', { sequence: last, acknowledgement: 13, payload: 'over the wrap' });
    },
  },
  {
    id: 'nat/ip-header-kept',
    title: 'Type of service, identification and DF of IP are left alone',
    requirement:
      "Rewriting changes one address, and forwarding the TTL; the header's other fields pass in both directions.",
    source: ['paper P11, P13', 'RFC 1812 §5.3.1'],
    level: 'core',
    tags: ['nat', 'header'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S', { ip: { tos: 0xb8, id: 0, df: false } });
      await flow.serverSends('AS', { ip: { tos: 0x02, id: 0xffff, df: false } });
      await flow.clientSends('A', { ip: { tos: 0xff, id: 0x8000, df: true } });
      await flow.serverSends('A', { ip: { tos: 0xfe, id: 0, df: true } });
    },
  },
];
