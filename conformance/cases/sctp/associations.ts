import type { Case } from '../../harness/case.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { chunk, icmp, ip, payload, sctp, udp } from '../../harness/layers.ts';
import { stateIs } from '../connection-of.ts';
import { fragmentsOf } from '../fragments/fragments-of.ts';
import { Association, CHUNKS } from './association.ts';

const rulesOf = (option: string, port = 90) => `
  -A --sctp-service 10.0.0.100:90 -s rr
  -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:${port} ${option} -w 1
`;

const ports = { sourcePort: 40001, destinationPort: 90 };
const level = 'ipvs';

export const cases: readonly Case[] = [
  {
    id: 'sctp/association',
    title: 'A whole SCTP association goes through VS/NAT, its port translated and its CRC32c right',
    requirement:
      "A packet of SCTP has address and port changed as TCP's are; its checksum, CRC32c of the packet, is right on either side.",
    source: ['paper P11, P13, P17', 'RFC 9260 §6.8', 'ipvs-cases C33'],
    level: 'core',
    tags: ['sctp', 'nat', 'checksum'],
    needs: [],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const association = new Association(lab, { realPort: 91 });
      await association.establish();
      await association.clientSends('DATA');
      await association.serverSends('SACK', 'DATA');
      await association.clientSends('HEARTBEAT');
      await association.serverSends('HEARTBEAT_ACK');
      await association.clientSends('SHUTDOWN');
      await association.serverSends('SHUTDOWN_ACK');
      await association.clientSends('SHUTDOWN_COMPLETE');
    },
  },
  {
    id: 'sctp/direct-route',
    title: 'A whole SCTP association goes unchanged to a server of VS/DR',
    requirement: 'Only the frame changes.',
    source: ['paper P29'],
    level: 'core',
    tags: ['sctp', 'direct-route'],
    needs: [],
    rules: rulesOf('-g'),
    async script(lab) {
      const { client, servers, vip } = lab;
      for (const name of ['INIT', 'COOKIE_ECHO', 'DATA', 'SHUTDOWN', 'SHUTDOWN_COMPLETE'] as const) {
        await client.sends(ip({ destination: vip }), sctp({ ...ports, verificationTag: 7 }), CHUNKS[name]);
        const ttl = { oneOf: [64, 63] };
        servers[0].receives(ip({ destination: vip, ttl }), sctp({ ...ports, verificationTag: 7 }), CHUNKS[name]);
      }
    },
  },
  {
    id: 'sctp/checksum-kept',
    title: 'A wrong CRC32c stays wrong where the port stays; a changed port makes it right',
    requirement:
      'Addresses are not covered by the CRC: it is computed anew only if the port changes, and then it is right whatever it was.',
    source: ['ip_vs_proto_sctp.c:sctp_dnat_handler, sctp_snat_handler', 'ipvs-cases C36'],
    level,
    tags: ['sctp', 'nat', 'checksum'],
    needs: [],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const wrong = { ...ports, checksum: 0x12345678 };
      await client.sends(ip({ destination: vip }), sctp(wrong), CHUNKS.INIT);
      server.receives(ip({ destination: server.address }), sctp(wrong), CHUNKS.INIT);
      const back = { sourcePort: 90, destinationPort: 40001, checksum: 0x87654321 };
      await server.sends(ip({ destination: client.address }), sctp(back), CHUNKS.INIT_ACK);
      client.receives(ip({ source: vip }), sctp(back), CHUNKS.INIT_ACK);
      await lab.configure(
        '-d --sctp-service 10.0.0.100:90 -r 192.168.1.11:90',
        '-a --sctp-service 10.0.0.100:90 -r 192.168.1.11:91 -m -w 1',
      );
      await client.sends(ip({ destination: vip }), sctp({ ...wrong, sourcePort: 40002 }), CHUNKS.INIT);
      server.receives(
        ip({ destination: server.address }),
        sctp({ sourcePort: 40002, destinationPort: 91 }),
        CHUNKS.INIT,
      );
    },
  },
  {
    id: 'sctp/first-chunk',
    title: 'Only an INIT begins an association; what else comes is for the director itself',
    requirement:
      'A packet of no association whose first chunk is not INIT passes to the director, which has no SCTP. With sloppy_sctp any chunk begins one but ABORT.',
    source: ['ip_vs_proto_sctp.c:sctp_conn_schedule', 'ipvs-cases C34'],
    level,
    tags: ['sctp', 'connection'],
    needs: ['connections', 'sysctl'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const others = Object.entries(CHUNKS).filter(([name]) => name !== 'INIT');
      for (const [, first] of others) {
        await client.sends(ip({ destination: vip }), sctp(ports), first, CHUNKS.INIT);
        client.receives(ip({ source: vip }), icmp({ type: 3, code: 2 }));
      }
      lab.equal('connections', (await lab.connections()).length, 0);
      await lab.sysctl('vs.sloppy_sctp', '1');
      await client.sends(ip({ destination: vip }), sctp(ports), CHUNKS.ABORT);
      client.receives(ip({ source: vip }), icmp({ type: 3, code: 2 }));
      let sourcePort = 42000;
      for (const [name, first] of others.filter(([other]) => other !== 'ABORT')) {
        await client.sends(ip({ destination: vip }), sctp({ ...ports, sourcePort }), first);
        servers[0].receives(
          ip({ destination: servers[0].address }),
          sctp({ sourcePort }),
          chunk({ type: first.type ?? 0 }),
        );
        lab.equal(`a connection by ${name}`, (await lab.connections()).length, sourcePort - 41999);
        sourcePort += 1;
      }
    },
  },
  {
    id: 'sctp/cut-short',
    title: 'A packet cut short begins nothing, and moves nothing',
    requirement:
      'Without its header and that of a first chunk a packet of no association is dropped. On an association it is translated as long as its own header is there, and changes no state; without ports it is dropped.',
    source: ['ip_vs_proto_sctp.c:sctp_conn_schedule, set_sctp_state', 'ip_vs_conn.c:ip_vs_conn_in_get_proto'],
    level,
    tags: ['sctp', 'malformed'],
    needs: ['connections'],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const { client, servers, vip } = lab;
      const whole = [0x9c, 0x41, 0, 90, 0, 0, 0, 7, 0, 0, 0, 0, 1, 0, 0, 4];
      const cut = (length: number, port = 0x41): readonly Layer[] => [
        ip({ destination: vip, protocol: 132 }),
        payload(Uint8Array.from(whole.map((byte, index) => (index === 1 ? port : byte)).slice(0, length))),
      ];
      for (const length of [0, 1, 3, 4, 8, 11, 12, 13, 15]) {
        await client.sends(...cut(length));
        lab.nothingElse();
      }
      lab.equal('connections', (await lab.connections()).length, 0);
      const association = new Association(lab, { realPort: 91 });
      await association.clientSends('INIT');
      for (const length of [0, 3, 4, 11]) {
        await client.sends(...cut(length));
        lab.nothingElse();
      }
      for (const length of [12, 13, 15]) {
        await client.sends(...cut(length));
        servers[0].receives(
          ip({ destination: servers[0].address, totalLength: 20 + length }),
          sctp({ destinationPort: 91 }),
        );
        await stateIs(lab, 'INIT1');
      }
    },
  },
  {
    id: 'sctp/bundled',
    title: 'The first chunk counts, but for an ABORT behind COOKIE_ECHO or COOKIE_ACK',
    requirement:
      'Of several chunks the first one moves the state. Behind COOKIE_ECHO and COOKIE_ACK an ABORT does, if the length of the first leads to it; a length below 4 leads nowhere.',
    source: ['ip_vs_proto_sctp.c:set_sctp_state', 'RFC 9260 §3.3.7'],
    level,
    tags: ['sctp', 'states', 'malformed'],
    needs: ['connections'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      let port = 40000;
      const leadsTo = async (state: string, ...chunks: readonly Layer[]) => {
        port += 1;
        const association = new Association(lab, { port });
        await association.clientSends('INIT');
        await association.serverSends('INIT_ACK');
        await client.sends(ip({ destination: vip }), sctp({ sourcePort: port, destinationPort: 90 }), ...chunks);
        servers[0].receives(ip({ destination: servers[0].address }), sctp({ sourcePort: port }));
        await stateIs(lab, state, port);
      };
      await leadsTo('C-REPLIED', CHUNKS.COOKIE_ECHO, CHUNKS.DATA);
      await leadsTo('CLOSED', CHUNKS.COOKIE_ECHO, CHUNKS.ABORT);
      await leadsTo('CLOSED', chunk({ type: 10, data: '0102030405' }), CHUNKS.ABORT);
      await leadsTo('CLOSED', CHUNKS.COOKIE_ACK, CHUNKS.ABORT);
      await leadsTo('C-SENT', CHUNKS.DATA, CHUNKS.ABORT);
      await leadsTo('C-SENT', CHUNKS.HEARTBEAT, CHUNKS.ABORT);
      await leadsTo('C-REPLIED', CHUNKS.COOKIE_ECHO, CHUNKS.DATA, CHUNKS.ABORT);
      await leadsTo('C-REPLIED', chunk({ type: 10, length: 0 }), CHUNKS.ABORT);
      await leadsTo('C-REPLIED', chunk({ type: 10, length: 3 }), CHUNKS.ABORT);
      await leadsTo('C-REPLIED', chunk({ type: 10, length: 65535 }), CHUNKS.ABORT);
      await leadsTo('C-REPLIED', CHUNKS.COOKIE_ECHO, payload(Uint8Array.of(6, 0, 0)));
      await leadsTo('C-SENT', chunk({ type: 99, length: 0 }));
      await leadsTo('C-SENT', chunk({ type: 255 }));
    },
  },
  {
    id: 'sctp/activity',
    title: 'Of SCTP only established associations count as active',
    requirement: 'An association is inactive until ESTABLISHED, and again from the first step of its end on.',
    source: ['ip_vs_proto_sctp.c:set_sctp_state'],
    level,
    tags: ['sctp', 'counts'],
    needs: ['services'],
    rules: rulesOf('-m'),
    async script(lab) {
      const association = new Association(lab);
      const counts = async (what: string, active: number, inactive: number) => {
        const server = (await lab.services())[0]?.servers[0];
        lab.equal(`active and inactive after ${what}`, [server?.active, server?.inactive], [active, inactive]);
      };
      await association.clientSends('INIT');
      await counts('INIT', 0, 1);
      await association.serverSends('INIT_ACK');
      await association.clientSends('COOKIE_ECHO');
      await counts('COOKIE_ECHO', 0, 1);
      await association.serverSends('COOKIE_ACK');
      await counts('COOKIE_ACK', 1, 0);
      await association.clientSends('SHUTDOWN');
      await counts('SHUTDOWN', 0, 1);
    },
  },
  {
    id: 'sctp/reuse',
    title: 'An INIT on the ports of a closed association is scheduled; on those of a living one it is not',
    requirement:
      'With conn_reuse_mode only CLOSED is over: the next INIT gets another server; one on an established association its own.',
    source: ['ip_vs_core.c:is_new_conn_expected'],
    level,
    tags: ['sctp', 'connection'],
    needs: ['connections'],
    rules: `
      -A --sctp-service 10.0.0.100:90 -s rr
      -a --sctp-service 10.0.0.100:90 -r 192.168.1.12:90 -m -w 1
      -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:90 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const association = new Association(lab);
      await association.establish();
      await association.clientSends('INIT');
      await association.clientSends('ABORT');
      await stateIs(lab, 'CLOSED');
      await client.sends(ip({ destination: vip }), sctp(ports), CHUNKS.INIT);
      servers[1].receives(ip({ destination: servers[1].address }), sctp(ports), CHUNKS.INIT);
    },
  },
  {
    id: 'sctp/refused',
    title: 'nat_icmp_send answers what a server says of an unknown association, but no ABORT',
    requirement:
      'A packet from the address and port of a real server without association is refused with port unreachable; one whose first chunk is ABORT is forwarded.',
    source: ['ip_vs_core.c:ip_vs_out_hook, is_sctp_abort', 'ipvs-cases E33, E34'],
    level,
    tags: ['sctp', 'icmp'],
    needs: [],
    environment: { sysctls: { 'vs.nat_icmp_send': '1' } },
    rules: rulesOf('-m'),
    async script({ client, servers: [server] }) {
      const header = sctp({ sourcePort: 90, destinationPort: 40001 });
      for (const contents of [[CHUNKS.DATA], [CHUNKS.COOKIE_ACK, CHUNKS.ABORT], []]) {
        await server.sends(ip({ destination: client.address }), header, ...contents);
        server.receives(ip({ destination: server.address }), icmp({ type: 3, code: 3 }));
      }
      await server.sends(ip({ destination: client.address }), header, CHUNKS.ABORT);
      client.receives(ip({ source: server.address }), header, CHUNKS.ABORT);
    },
  },
  {
    id: 'sctp/no-server',
    title: 'An INIT that no server can take is answered at once',
    requirement: 'Port unreachable from the virtual address, for SCTP as for TCP.',
    source: ['ip_vs_core.c:ip_vs_leave'],
    level,
    tags: ['sctp', 'icmp'],
    needs: [],
    rules: rulesOf('-m').replace('-w 1', '-w 0'),
    async script({ client, vip }) {
      await client.sends(ip({ destination: vip }), sctp(ports), CHUNKS.INIT);
      client.receives(ip({ source: vip }), icmp({ type: 3, code: 3 }), ip({ destination: vip }), sctp(ports));
    },
  },
  {
    id: 'sctp/errors',
    title: 'ICMP errors about an association are translated on both ways',
    requirement: 'An error quotes address and port as its reader knows them; the quoted CRC stays as it was.',
    source: ['ip_vs_core.c:ip_vs_nat_icmp', 'RFC 5508 §4.2'],
    level,
    tags: ['sctp', 'icmp', 'nat'],
    needs: [],
    rules: rulesOf('-m', 91),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const association = new Association(lab, { realPort: 91 });
      await association.clientSends('INIT');
      await server.sends(
        ip({ destination: client.address }),
        icmp({ type: 3, code: 3 }),
        ip({ source: client.address, destination: server.address, ttl: 63 }),
        sctp({ sourcePort: 40001, destinationPort: 91, checksum: 7 }),
      );
      client.receives(
        ip({ source: vip, destination: client.address }),
        icmp({ type: 3, code: 3 }),
        ip({ source: client.address, destination: vip, ttl: 63 }),
        sctp({ ...ports, checksum: 7 }),
      );
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: vip, destination: client.address }),
        sctp({ sourcePort: 90, destinationPort: 40001, checksum: 8 }),
      );
      server.receives(
        ip({ source: client.address, destination: server.address }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: server.address, destination: client.address }),
        sctp({ sourcePort: 91, destinationPort: 40001, checksum: 8 }),
      );
    },
  },
  {
    id: 'sctp/fragments',
    title: 'A packet in fragments is one: it begins an association, and its CRC is that of the whole',
    requirement: 'The packet is put together before it is balanced; it leaves in fragments again.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ip_output.c:ip_do_fragment'],
    level,
    tags: ['sctp', 'fragment', 'checksum'],
    needs: [],
    rules: rulesOf('-m', 91),
    async script({ client, servers: [server], vip }) {
      const ends = { source: client.address, destination: vip };
      const header = { ...ip(), ...ends, id: 0x4242, df: false, protocol: 132 };
      const packet = [
        sctp(ports),
        chunk({ type: 1, data: '0000000100010000000a000a00000001' + '80080010'.repeat(60) }),
      ];
      for (const fragment of fragmentsOf(header, packet, [152])) await client.sends(...fragment);
      server.receives(ip({ destination: server.address, totalLength: 172, mf: true }), sctp({ destinationPort: 91 }));
      server.receives(ip({ destination: server.address, offset: 152, mf: false }));
    },
  },
  {
    id: 'sctp/services-apart',
    title: 'An SCTP service and a TCP or UDP one of the same address and port are three',
    requirement: 'A packet is for the service of its own protocol.',
    source: ['ip_vs_ctl.c:ip_vs_service_find'],
    level: 'core',
    tags: ['sctp', 'administration'],
    needs: [],
    rules: `
      -A --sctp-service 10.0.0.100:90 -s rr
      -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:90 -m -w 1
      -A -u 10.0.0.100:90 -s rr
      -a -u 10.0.0.100:90 -r 192.168.1.12:90 -m -w 1
    `,
    async script({ client, servers, vip }) {
      await client.sends(ip({ destination: vip }), sctp(ports), CHUNKS.INIT);
      servers[0].receives(ip({ destination: servers[0].address }), sctp(ports), CHUNKS.INIT);
      await client.sends(ip({ destination: vip }), udp(ports), payload('datagram'));
      servers[1].receives(ip({ destination: servers[1].address }), udp(ports));
    },
  },
];
