import type { Case } from '../../harness/case.ts';
import { icmp6, ip6, payload, sctp } from '../../harness/layers.ts';
import { stateIs } from '../connection-of.ts';
import { Association, CHUNKS } from '../sctp/association.ts';
import { common, SERVER, VIP } from './services.ts';

const rulesOf = (option: string, port = 90) => `
  -A --sctp-service ${VIP}:90 -s rr
  -a --sctp-service ${VIP}:90 -r ${SERVER}:${port} ${option} -w 1
`;

const ports = { sourcePort: 40001, destinationPort: 90 };
const back = { sourcePort: 90, destinationPort: 40001 };

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'ipv6/sctp-association',
    title: 'A whole SCTP association over IPv6 goes through VS/NAT, its port translated and its CRC32c right',
    requirement:
      'A packet of SCTP has address and port changed whatever the family; its checksum, CRC32c of the packet without any address, is right on either side.',
    source: ['paper P11, P13, P17', 'RFC 9260 §6.8'],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const association = new Association(lab, { realPort: 91, family: 'ipv6' });
      await association.establish();
      await association.clientSends('DATA');
      await association.serverSends('SACK', 'DATA');
      await association.clientSends('SHUTDOWN');
      await association.serverSends('SHUTDOWN_ACK');
      await association.clientSends('SHUTDOWN_COMPLETE');
    },
  },
  {
    ...common,
    id: 'ipv6/sctp-direct-route',
    title: 'An SCTP association over IPv6 goes unchanged to a server of VS/DR',
    requirement: 'Only the frame changes, and the hop limit.',
    source: ['paper P29'],
    rules: rulesOf('-g'),
    async script(lab) {
      const association = new Association(lab, { method: 'direct-route', family: 'ipv6' });
      await association.clientSends('INIT');
      await association.clientSends('COOKIE_ECHO', 'DATA');
      await association.clientSends('SHUTDOWN');
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/sctp-checksum-kept',
    title: 'A wrong CRC32c over IPv6 stays wrong where the port stays; a changed port makes it right',
    requirement:
      'Addresses are not covered by the CRC: it is computed anew only if the port changes, and then it is right whatever it was.',
    source: ['ip_vs_proto_sctp.c:sctp_dnat_handler, sctp_snat_handler', 'ipvs-cases C36'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      const wrong = { ...ports, checksum: 0x12345678 };
      await client.sends(ip6({ destination: vip6 }), sctp(wrong), CHUNKS.INIT);
      server.receives(ip6({ destination: server.address6 }), sctp(wrong), CHUNKS.INIT);
      const wrongBack = { ...back, checksum: 0x87654321 };
      await server.sends(ip6({ destination: client.address6 }), sctp(wrongBack), CHUNKS.INIT_ACK);
      client.receives(ip6({ source: vip6 }), sctp(wrongBack), CHUNKS.INIT_ACK);
      await lab.configure(
        `-d --sctp-service ${VIP}:90 -r ${SERVER}:90`,
        `-a --sctp-service ${VIP}:90 -r ${SERVER}:91 -m -w 1`,
      );
      await client.sends(ip6({ destination: vip6 }), sctp({ ...wrong, sourcePort: 40002 }), CHUNKS.INIT);
      server.receives(
        ip6({ destination: server.address6 }),
        sctp({ sourcePort: 40002, destinationPort: 91 }),
        CHUNKS.INIT,
      );
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/sctp-states',
    title: 'The states of an SCTP association over IPv6 are those over IPv4',
    requirement: 'The first chunk moves the state; behind the IPv6 header it stands where the headers end.',
    source: ['ip_vs_proto_sctp.c:set_sctp_state', 'ipvs-cases C34'],
    needs: ['connections'],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const association = new Association(lab, { realPort: 91, family: 'ipv6' });
      await association.clientSends('INIT');
      await stateIs(lab, 'INIT1');
      await association.serverSends('INIT_ACK');
      await stateIs(lab, 'C-SENT');
      await association.clientSends('COOKIE_ECHO');
      await stateIs(lab, 'C-REPLIED');
      await association.serverSends('COOKIE_ACK');
      await stateIs(lab, 'ESTABLISHED');
      await association.clientSends('ABORT');
      await stateIs(lab, 'CLOSED');
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/sctp-first-chunk',
    title: 'A packet of no association but INIT is for the director itself, which has no SCTP',
    requirement:
      'The director’s own stack answers that it does not know the protocol: parameter problem with code 1, which points at the header’s "next header" field.',
    source: ['ip_vs_proto_sctp.c:sctp_conn_schedule', 'RFC 4443 §3.4', 'ip6_input.c:ip6_protocol_deliver_rcu'],
    needs: ['connections'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, vip6 } = lab;
      for (const chunk of [CHUNKS.DATA, CHUNKS.COOKIE_ECHO, CHUNKS.ABORT]) {
        await client.sends(ip6({ destination: vip6 }), sctp(ports), chunk);
        client.receives(ip6({ source: vip6 }), icmp6({ type: 4, code: 1, rest: 6 }));
      }
      await client.sends(ip6({ destination: vip6, nextHeader: 132 }), payload('too short'));
      lab.nothingElse();
      lab.equal('connections', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'ipv6/sctp-errors-from-client',
    title: 'The server hears of an ICMPv6 error about its SCTP packet in the names that it knows',
    requirement:
      'The quoted packet has the server’s address and port again; eight bytes of SCTP header are enough to know it.',
    source: ['paper P4, P11', 'RFC 4443 §2.4', 'RFC 9260 §10'],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      await new Association(lab, { realPort: 91, family: 'ipv6' }).establish();
      const eightBytes = payload(Uint8Array.of(0, 90, 0x9c, 0x41, 0, 0, 0, 9));
      for (const error of [
        { type: 1, code: 4, rest: 0 },
        { type: 2, code: 0, rest: 1300 },
      ]) {
        await client.sends(
          ip6({ destination: vip6 }),
          icmp6(error),
          ip6({ source: vip6, destination: client.address6, nextHeader: 132, payloadLength: 500 }),
          eightBytes,
        );
        server.receives(
          ip6({ source: client.address6, destination: server.address6, hopLimit: 63 }),
          icmp6(error),
          ip6({ source: server.address6, destination: client.address6, nextHeader: 132, payloadLength: 500 }),
          sctp({ sourcePort: 91, destinationPort: 40001, verificationTag: 9 }),
        );
      }
    },
  },
  {
    ...common,
    id: 'ipv6/sctp-errors-from-server',
    title: 'The client hears of an ICMPv6 error about his SCTP packet in the names that he knows',
    requirement: 'The error comes from the virtual address and quotes the packet as the client sent it.',
    source: ['paper P4, P13', 'RFC 4443 §2.4'],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      await new Association(lab, { realPort: 91, family: 'ipv6' }).establish();
      const error = { type: 1, code: 1, rest: 0 };
      await server.sends(
        ip6({ destination: client.address6 }),
        icmp6(error),
        ip6({ source: client.address6, destination: server.address6 }),
        sctp({ ...ports, destinationPort: 91, verificationTag: 5 }),
        CHUNKS.DATA,
      );
      lab.equal('whether the client hears of it', client.hasPacket, true, {
        id: 'icmpv6-from-servers-dropped',
        value: false,
      });
      if (!client.hasPacket) return;
      client.receives(
        ip6({ source: vip6, destination: client.address6 }),
        icmp6(error),
        ip6({ source: client.address6, destination: vip6 }),
        sctp({ ...ports, verificationTag: 5, checksum: { any: true } }),
        CHUNKS.DATA,
      );
    },
  },
];
