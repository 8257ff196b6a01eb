import type { Case } from '../../harness/case.ts';
import { ip6, tcp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { common, NAT, SERVER, tcpRules, udpRules, VARIANTS, VIP } from './services.ts';

export const cases: readonly Case[] = [
  ...VARIANTS.flatMap((variant): Case[] => {
    const { method, name, claim, tcpPort, udpPort } = variant;
    const answers = method === 'nat';
    return [
      {
        ...common,
        id: `ipv6/${method}-tcp`,
        title: `${name} balances TCP over IPv6, and leaves traffic class and flow label alone`,
        requirement:
          'IPv6 packets are forwarded as IPv4 ones are: only what the method changes is changed, and the hop limit by one. Traffic class and flow label pass as they are.',
        source: [claim, 'RFC 8200 §3', 'RFC 6437 §2', 'ipvs-cases J01, J02'],
        rules: tcpRules(variant),
        async script(lab) {
          const flow = lab.flow({ virtualAddress: lab.vip6, method, realPort: tcpPort });
          await flow.clientSends('S', { ip6: { trafficClass: 0xb8, flowLabel: 0x12345 } });
          if (answers) await flow.serverSends('AS', { ip6: { trafficClass: 0x03, flowLabel: 0xfffff } });
          await flow.clientSends('A');
          await flow.clientSends('AP', { payload: everyByte(1200), ip6: { trafficClass: 0x48, flowLabel: 1 } });
          if (answers) await flow.serverSends('AP', { payload: everyByte(1440), ip6: { trafficClass: 0xff } });
          await flow.clientSends('AF');
          if (answers) await flow.serverSends('AF');
        },
      },
      {
        ...common,
        id: `ipv6/${method}-udp`,
        title: `${name} balances UDP over IPv6`,
        requirement:
          'Datagrams reach the server, and where it answers through the director, the client, with right checksums.',
        source: [claim, 'RFC 8200 §8.1'],
        rules: udpRules(variant),
        async script(lab) {
          const flow = lab.flow({
            virtualAddress: lab.vip6,
            method,
            protocol: 'udp',
            port: 5000,
            virtualPort: 53,
            realPort: udpPort,
          });
          for (const length of [1, 2, 1001]) {
            await flow.clientSends('', { payload: everyByte(length, length) });
            if (answers) await flow.serverSends('', { payload: everyByte(length, 3 * length) });
          }
        },
      },
    ];
  }),
  {
    ...common,
    id: 'ipv6/four-servers',
    title: 'Connections over IPv6 are scheduled in turn',
    requirement: 'Round robin gives each of the servers one connection in turn, whatever the family.',
    source: ['paper P43'],
    rules: ['11', '12', '13'].reduce(
      (rules, host) => `${rules}\n-a -t ${VIP}:80 -r [2001:db8:0:2::${host}]:80 -m -w 1`,
      `-A -t ${VIP}:80 -s rr`,
    ),
    async script(lab) {
      const names = new Set<string>();
      for (const port of [40001, 40002, 40003]) {
        const flow = lab.flow({ virtualAddress: lab.vip6, port });
        await flow.establish();
        names.add(flow.server.name);
      }
      lab.equal('servers that have a connection', names.size, 3);
    },
  },
  {
    ...common,
    id: 'ipv6/families-apart',
    title: 'A service of one family is none of the other',
    requirement:
      'A virtual service is an address, a port and a protocol: the same port of an address of the other family is another place.',
    source: ['paper P10'],
    rules: `${tcpRules(NAT)}
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.12:8080 -m -w 1`,
    async script(lab) {
      const flow6 = lab.flow({ virtualAddress: lab.vip6, realPort: 8080 });
      await flow6.establish();
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      lab.equal('servers', [flow6.server.name, flow.server.name], ['server 1', 'server 2']);
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/listed',
    title: 'Connections and services over IPv6 are listed with full addresses',
    requirement: 'The listings show all eight groups of an address in hexadecimal, of a service in brackets.',
    source: ['ip_vs_conn.c:ip_vs_conn_seq_show', 'ip_vs_ctl.c:ip_vs_info_seq_show'],
    needs: ['connections', 'services'],
    rules: tcpRules(NAT),
    async script(lab) {
      const flow = lab.flow({ virtualAddress: lab.vip6, realPort: 8080 });
      await flow.establish();
      lab.equal(
        'connections',
        (await lab.connections()).map((row) => ({ ...row, expires: 0 })),
        [
          {
            protocol: 'TCP',
            client: '[2001:db8:0:1::2]:40001',
            virtual: `${VIP}:80`,
            destination: `${SERVER}:8080`,
            state: 'ESTABLISHED',
            expires: 0,
          },
        ],
      );
      lab.equal('a service', (await lab.servicesText()).split('\n').slice(3), [
        'TCP  [2001:0db8:0000:0001:0000:0000:0000:0100]:0050 rr ',
        '  -> [2001:0db8:0000:0002:0000:0000:0000:0011]:1F90      Masq    1      1          0         ',
        '',
      ]);
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/local-reset',
    title: 'A segment of no connection is answered by the director’s own stack, as over IPv4',
    requirement:
      'An ACK to the virtual service without a connection goes to the local stack, which answers with a reset.',
    source: ['RFC 9293 §3.10.7.1', 'ipvs-cases E06'],
    rules: tcpRules(NAT),
    async script({ client, vip6 }) {
      await client.sends(
        ip6({ destination: vip6 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'A', acknowledgement: 77 }),
      );
      client.receives(
        ip6({ source: vip6, destination: client.address6, hopLimit: 64, trafficClass: 0 }),
        tcp({ sourcePort: 80, destinationPort: 40001, flags: 'R', sequence: 77 }),
      );
    },
  },
];
