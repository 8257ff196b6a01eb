import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';

const none = `
  -A -t 10.0.0.100:80 -s rr
  -A -u 10.0.0.100:53 -s rr
`;

const syn = { sourcePort: 40001, destinationPort: 80, sequence: 1000, flags: 'S' };

/**
 * The client must hear at once that his request leads nowhere: by a reset (RFC 9293 §3.5.2) or by destination unreachable (RFC 792) that quotes
 * it. Which of the two, and which code, is for the director to choose.
 */
function hearsOfRefusal(lab: Lab): void {
  const { client, director, vip } = lab;
  const from = { oneOf: [vip, director.client.address] };
  const { layers } = client.receives(ip({ source: from, destination: client.address }));
  const [outer, ...inner] = layers.map(({ layer }) => layer).filter(({ kind }) => kind !== 'ethernet');
  const [message, quoted] = inner;
  const isReset = message?.kind === 'tcp' && message.flags?.includes('R') === true;
  const isUnreachable = message?.kind === 'icmp' && message.type === 3 && message.code !== 4;
  const quotes = quoted?.kind === 'ip' && quoted.source === client.address && quoted.destination === vip;
  lab.equal(
    'the client is told that nobody serves him',
    outer?.kind === 'ip' && (isReset || (isUnreachable && quotes)),
    true,
  );
}

export const cases: readonly Case[] = [
  {
    id: 'availability/no-server-told',
    title: 'A client whose request nobody can serve hears so at once',
    requirement:
      'Where a service has no server that may be chosen the client is told, by a reset or destination unreachable, and need not wait for his own timeout: without any server, with weight 0 alone, after the last one was removed.',
    source: ['RFC 1122 §3.2.2.1', 'RFC 1812 §5.2.7.1', 'ipvs-cases E01, E02, D08'],
    level: 'core',
    tags: ['availability', 'icmp'],
    needs: ['nat'],
    rules: none,
    async script(lab) {
      const { client, vip } = lab;
      const requests = async (port: number) => {
        await client.sends(ip({ destination: vip }), tcp({ ...syn, sourcePort: port }));
        hearsOfRefusal(lab);
        await client.sends(ip({ destination: vip }), udp({ sourcePort: port, destinationPort: 53 }), payload('?'));
        hearsOfRefusal(lab);
      };
      await requests(40001);
      const servers = ['-t 10.0.0.100:80 -r 192.168.1.11:80', '-u 10.0.0.100:53 -r 192.168.1.11:53'];
      await lab.configure(...servers.map((server) => `-a ${server} -m -w 0`));
      await requests(40002);
      await lab.configure(...servers.map((server) => `-e ${server} -m -w 1`));
      await lab.flow({ port: 40003 }).establish();
      await lab.flow({ port: 40003, protocol: 'udp', virtualPort: 53 }).clientSends();
      await lab.configure(...servers.map((server) => `-d ${server}`));
      await requests(40004);
    },
  },
  {
    id: 'availability/no-server-error',
    title: 'Without a server the client gets port unreachable from the virtual address, for TCP too',
    requirement:
      'The error is 3/3 from the virtual address, precedence internetwork control with the TOS of the request, 576 bytes at most; no entry is made.',
    source: ['ip_vs_core.c:ip_vs_leave', 'icmp.c:__icmp_send', 'ipvs-cases E01, E02'],
    level: 'ipvs',
    tags: ['availability', 'icmp'],
    needs: ['connections'],
    rules: none,
    async script(lab) {
      const { client, vip } = lab;
      const expected = { source: vip, destination: client.address, tos: 0xca, ttl: 64, df: false };
      const error = icmp({ type: 3, code: 3, rest: 0 });
      await client.sends(ip({ destination: vip, tos: 0x0a, df: false }), tcp(syn), payload(everyByte(1000)));
      client.receives(
        ip({ ...expected, totalLength: 576 }),
        error,
        ip({ source: client.address, destination: vip, totalLength: 1040, ttl: 64, tos: 0x0a, df: false, id: 0x1234 }),
        tcp({ sequence: 1000, flags: 'S' }),
        payload(everyByte(508)),
      );
      await client.sends(ip({ destination: vip, tos: 0x0b }), udp({ sourcePort: 5000, destinationPort: 53 }));
      client.receives(
        ip({ ...expected, totalLength: 56 }),
        error,
        ip({ source: client.address, destination: vip, totalLength: 28, ttl: 64, tos: 0x0b }),
        udp({ sourcePort: 5000, destinationPort: 53, length: 8 }),
      );
      lab.equal('connections', await lab.connections(), []);
    },
  },
  {
    id: 'availability/no-server-silence',
    title: 'Without a server a reset is not answered, and what begins nothing is reset',
    requirement:
      'A SYN with RST is a reset, which nobody answers. An ACK that belongs to no connection is answered by a reset with the number it acknowledged, as by any host.',
    source: ['RFC 9293 §3.5.2, §3.10.7.1', 'ipvs-cases E03, E04'],
    level: 'core',
    tags: ['availability', 'reset'],
    needs: ['nat'],
    rules: none,
    async script(lab) {
      const { client, vip } = lab;
      const asks = async () => {
        await client.sends(ip({ destination: vip }), tcp({ ...syn, flags: 'RS' }));
        await client.sends(ip({ destination: vip }), tcp({ ...syn, flags: 'AR' }));
        lab.nothingElse();
        await client.sends(ip({ destination: vip }), tcp({ ...syn, flags: 'A', acknowledgement: 0x89abcdef }));
        client.receives(
          ip({ source: vip, destination: client.address, totalLength: 40 }),
          tcp({ sourcePort: 80, destinationPort: 40001, sequence: 0x89abcdef, flags: 'R' }),
        );
      };
      await asks();
      // Nor does a server make a difference: neither of the two begins a connection.
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1');
      await asks();
      await lab.flow().establish();
    },
  },
  {
    id: 'availability/other-services-go-on',
    title: 'A service without servers does not touch the others',
    requirement:
      'Services stand by themselves: while one has no server, requests and connections of the others, on the same virtual address and servers, are served.',
    source: ['paper P2, P6, P12'],
    level: 'core',
    tags: ['availability', 'connection'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.11:81 -m -w 1
      -A -u 10.0.0.100:80 -s rr
      -a -u 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const { client, vip } = lab;
      const before = lab.flow({ port: 40002, virtualPort: 81 });
      await before.establish();
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.11:80');
      await client.sends(ip({ destination: vip }), tcp(syn));
      hearsOfRefusal(lab);
      await before.clientSends('AP', { payload: 'of a connection of before' });
      await before.serverSends('AP', { payload: 'as ever' });
      await lab.flow({ port: 40001, virtualPort: 81 }).establish();
      const datagrams = lab.flow({ port: 40001, protocol: 'udp' });
      await datagrams.clientSends();
      await datagrams.serverSends();
      await lab.configure('-D -t 10.0.0.100:80');
      await before.clientSends('AP', { payload: 'still' });
      await datagrams.clientSends();
    },
  },
  {
    id: 'availability/any-content',
    title: 'Balancing looks at addresses and ports only',
    requirement:
      'IP-level balancing works by itself: whatever the content, requests of one kind or another or none, in whole segments or single bytes, it goes to the server of its connection unchanged.',
    source: ['paper P1, P2, P3'],
    level: 'core',
    tags: ['availability', 'nat'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.13:80 -m -w 1
    `,
    async script(lab) {
      const contents = [
        ['GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /cgi-bin/form HTTP/1.1\r\nHost: b\r\n\r\n'],
        [everyByte(256), everyByte(1460, 99)],
        ['G', 'E', 'T', ' ', '/'],
        ['\0', '\xff'.repeat(1460)],
        ['PASV\r\n', 'PORT 10,0,0,2,160,5\r\n'],
      ];
      const flows = contents.map((_, index) => lab.flow({ port: 40001 + index }));
      for (const flow of flows) await flow.establish();
      for (const [index, flow] of flows.entries()) {
        for (const text of contents[index] ?? []) {
          await flow.clientSends('AP', { payload: text });
          await flow.serverSends('AP', { payload: text });
        }
      }
      lab.equal('servers in use', new Set(flows.map(({ server }) => server.name)).size, 3);
    },
  },
];
