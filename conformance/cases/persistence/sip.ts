import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, payload, udp } from '../../harness/layers.ts';
import { service } from '../scheduling/requests.ts';
import { brief } from './clients.ts';

const PORT = 5060;
const common = { level: 'ipvs', tags: ['persistence', 'sip', 'udp'], needs: [] } as const;
const FILL = 'ip_vs_pe_sip.c:ip_vs_sip_fill_param';

/** A SIP service of three servers under VS/NAT. */
const sip = (options: string): string =>
  service(`rr ${options}`.trim(), [1, 1, 1], '-u 10.0.0.100:5060').replaceAll(':80 ', ':5060 ');
const persistent = sip('-p 300 --pe sip');

/** A request with these headers (RFC 3261 §7). */
const request = (...headers: readonly string[]): string =>
  ['OPTIONS sip:service@10.0.0.100 SIP/2.0', 'Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK7', ...headers, '', ''].join(
    '\r\n',
  );

interface Datagram {
  /** Default: the client's address. */
  readonly source?: string;
  /** Default 5060. */
  readonly sourcePort?: number;
}

async function sends(
  lab: Lab,
  text: string,
  { source = lab.client.address, sourcePort = PORT }: Datagram,
): Promise<void> {
  await lab.client.sends(
    ip({ source, destination: lab.vip }),
    udp({ sourcePort, destinationPort: PORT }),
    payload(text),
  );
}

/** Sends a message and tells which server, 1 to 4, got it. */
async function serverOf(lab: Lab, text: string, datagram: Datagram = {}): Promise<number> {
  await sends(lab, text, datagram);
  const { source = lab.client.address, sourcePort = PORT } = datagram;
  const { host } = lab.oneOf(lab.servers, [ip({ source }), udp({ sourcePort, destinationPort: PORT }), payload(text)]);
  return lab.servers.indexOf(host) + 1;
}

/** The same with a call's number in place of its message. */
const serverOfCall = (lab: Lab, call: number, datagram?: Datagram): Promise<number> =>
  serverOf(lab, request(`Call-ID: call-${call}@example.org`), datagram);

async function dropped(lab: Lab, text: string, datagram: Datagram = {}): Promise<void> {
  await sends(lab, text, datagram);
  lab.nothingElse();
}

/** What a server sends of its own accord, from the port of the service, and how it leaves. */
async function speaks(lab: Lab, server: number, text: string, from: string): Promise<void> {
  const host = lab.servers[server - 1] ?? lab.servers[0];
  const ports = udp({ sourcePort: PORT, destinationPort: PORT });
  await host.sends(ip({ destination: lab.client.address }), ports, payload(text));
  lab.client.receives(ip({ source: from }), ports, payload(text));
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'persistence/sip-call',
    title: 'One call goes to one server, whatever port it comes from; another call is scheduled',
    requirement:
      'With the engine sip clients of one network and one Call-ID get one server. Another Call-ID of the same client is scheduled anew.',
    source: ['ipvsadm(8) --pe', 'ip_vs_pe_sip.c:ip_vs_sip_ct_match', 'ipvs.md §6.6'],
    rules: persistent,
    async script(lab) {
      lab.equal('server of call 1', await serverOfCall(lab, 1), 3);
      lab.equal('server of call 2', await serverOfCall(lab, 2, { sourcePort: 40002 }), 2);
      lab.equal('server of call 3', await serverOfCall(lab, 3, { sourcePort: 40003 }), 1);
      lab.equal('server of call 1, other port', await serverOfCall(lab, 1, { sourcePort: 40004 }), 3);
      lab.equal('server of call 2, other port', await serverOfCall(lab, 2, { sourcePort: 40005 }), 2);
    },
  },
  {
    ...common,
    id: 'persistence/sip-clients',
    title: 'A call of another client is another one; the netmask says who is the same',
    requirement: 'The template is of the client’s network, by the service’s netmask, and of the Call-ID.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ip_vs_pe_sip.c:ip_vs_sip_ct_match'],
    rules: sip('-p 300 -M 255.255.255.0 --pe sip'),
    async script(lab) {
      lab.equal('server', await serverOfCall(lab, 1, { source: '10.9.1.1' }), 3);
      lab.equal('server of the same network', await serverOfCall(lab, 1, { source: '10.9.1.200' }), 3);
      lab.equal('server of another network', await serverOfCall(lab, 1, { source: '10.9.2.1' }), 2);
      lab.equal('server of another call', await serverOfCall(lab, 2, { source: '10.9.1.1', sourcePort: 40002 }), 1);
    },
  },
  {
    ...common,
    id: 'persistence/sip-connection-first',
    title: 'A datagram of a connection that is known goes where that goes, whatever its Call-ID',
    requirement: 'The engine is asked for the first packet of a connection only.',
    source: ['ip_vs_core.c:ip_vs_in_hook'],
    rules: persistent,
    async script(lab) {
      lab.equal('server of the first', await serverOfCall(lab, 1), 3);
      lab.equal('server of another call from that port', await serverOfCall(lab, 2), 3);
      lab.equal('server of no message', await serverOf(lab, 'keep alive'), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-forms',
    title: 'The Call-ID is found in every form that the protocol allows',
    requirement:
      'RFC 3261: names in any case (§7.3.1), the compact form (§7.3.3), blanks before the colon and lines that go on (§7.3.1).',
    source: ['RFC 3261 §7.3.1', 'RFC 3261 §7.3.3', 'RFC 3261 §20.8', 'nf_conntrack_sip.c:ct_sip_get_header'],
    rules: persistent,
    async script(lab) {
      lab.equal('server', await serverOf(lab, request('Call-ID: a84b4c76e66710@pc33.atlanta.com')), 3);
      const forms = ['call-id:', 'CALL-ID:\t', 'i: ', 'I:', 'Call-ID : ', 'Call-ID:\r\n '];
      for (const [index, form] of forms.entries()) {
        const text = request('Max-Forwards: 70', `${form}a84b4c76e66710@pc33.atlanta.com`);
        lab.equal(`server of '${form}'`, await serverOf(lab, text, { sourcePort: 40001 + index }), 3);
      }
      const text = request('Call-ID: a84b4c76e66710@pc33.atlanta.com').replaceAll('\r\n', '\n');
      lab.equal('server of lines that end with LF', await serverOf(lab, text, { sourcePort: 40020 }), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-without-call-id',
    title: 'A message whose Call-ID is not found is dropped, and nobody is told',
    requirement:
      'Without a Call-ID, with one of more than 255 bytes, one that something follows on its line and one whose line has no end there is no connection, and no ICMP error.',
    source: [FILL, 'ip_vs_pe_sip.c:get_callid', 'ip_vs_core.c:ip_vs_sched_persist'],
    needs: ['connections'],
    rules: persistent,
    async script(lab) {
      await dropped(lab, request('To: Bob <sip:bob@biloxi.com>'));
      await dropped(lab, '');
      await dropped(lab, request(`Call-ID: ${'a'.repeat(256)}`));
      await dropped(lab, request('Call-ID: a@b;c'));
      await dropped(lab, request('Call-ID: a@b '));
      await dropped(lab, 'OPTIONS sip:b SIP/2.0\r\nCall-ID: a@b');
      await dropped(lab, 'Call-ID: a@b\r\n');
      await dropped(lab, request('i-name: x', 'Call-ID: a@b'));
      lab.equal('records', await lab.connections(), []);
      lab.equal('server of 255 bytes', await serverOf(lab, request(`Call-ID: ${'a'.repeat(255)}`)), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-passed-over',
    title: 'A Call-ID without value is passed over, and the one behind it counts',
    requirement: 'The first Call-ID that has a value is the message’s.',
    source: ['ip_vs_pe_sip.c:get_callid', 'nf_conntrack_sip.c:callid_len'],
    rules: persistent,
    async script(lab) {
      lab.equal('server', await serverOfCall(lab, 1), 3);
      const text = request('Call-ID: @nobody', 'Call-ID: call-1@example.org', 'Call-ID: call-2@example.org');
      lab.equal('server of the other', await serverOf(lab, text, { sourcePort: 40001 }), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-tcp',
    title: 'A TCP service with the engine serves nobody',
    requirement: 'The engine reads datagrams only: a segment is dropped, and nobody is told.',
    source: [FILL],
    needs: ['udp'],
    rules: service('rr -p 300 --pe sip', [1, 1]),
    async script(lab) {
      await lab.flow().clientSendsInVain('S');
    },
  },
  {
    ...common,
    id: 'persistence/sip-records',
    title: 'The template shows the engine and the Call-ID',
    requirement:
      '/proc/net/ip_vs_conn ends a template’s row with the name of the engine and what it knows the client by.',
    source: ['ip_vs_conn.c:ip_vs_conn_seq_show', 'ip_vs_pe_sip.c:ip_vs_sip_show_pe_data'],
    needs: ['connections'],
    rules: persistent,
    async script(lab) {
      await serverOfCall(lab, 1);
      await serverOfCall(lab, 2, { sourcePort: 40002 });
      lab.equal('records', (await lab.connections()).map(brief).sort(), [
        'UDP 10.0.0.2:0 10.0.0.100:5060 192.168.1.12:5060 NONE',
        'UDP 10.0.0.2:0 10.0.0.100:5060 192.168.1.13:5060 NONE',
        'UDP 10.0.0.2:40002 10.0.0.100:5060 192.168.1.12:5060 UDP',
        'UDP 10.0.0.2:5060 10.0.0.100:5060 192.168.1.13:5060 UDP',
      ]);
      await lab.wait(0.5);
      const rows = (await lab.connectionsText()).split('\n');
      lab.equal('rows of templates', rows.filter((row) => row.includes(' 0000 ')).sort(), [
        'UDP 0A000002 0000 0A000064 13C4 C0A8010C 13C4 NONE            299 sip call-2@example.org',
        'UDP 0A000002 0000 0A000064 13C4 C0A8010D 13C4 NONE            299 sip call-1@example.org',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/sip-listing',
    title: 'ipvsadm -L -c --persistent-conn lists engine and Call-ID of templates',
    requirement:
      'Two more columns: rows of templates have them, in a measure of their own; without the option there are none.',
    source: ['ipvsadm.c:list_conn, print_conn', 'ipvsadm(8) --persistent-conn'],
    needs: ['listings', 'clock'],
    rules: persistent,
    async script(lab) {
      await serverOfCall(lab, 1);
      await lab.wait(0.5);
      const listed = async (command: string) => (await lab.list(command)).split('\n').sort();
      const title = 'IPVS connection entries';
      const connection = 'UDP 04:59  UDP         10.0.0.2:5060      10.0.0.100:5060    192.168.1.13:5060';
      const template = 'UDP 04:59  NONE        10.0.0.2:0         10.0.0.100:5060    192.168.1.13:5060';
      lab.equal('ipvsadm -L -n -c', await listed('-L -n -c'), [
        '',
        title,
        template,
        connection,
        'pro expire state       source             virtual            destination',
      ]);
      lab.equal('ipvsadm -L -n -c --persistent-conn', await listed('-L -n -c --persistent-conn'), [
        '',
        title,
        `${template} sip                call-1@example.org`,
        connection,
        'pro expire state       source             virtual            destination        pe name          pe_data',
      ]);
      lab.equal(
        'ipvsadm -S -n',
        (await lab.list('-S -n')).split('\n')[0],
        '-A -u 10.0.0.100:5060 -s rr -p 300 --pe sip',
      );
    },
  },
  {
    ...common,
    id: 'persistence/sip-server-speaks',
    title: 'A server’s datagram makes a connection as if the client had begun',
    requirement:
      'The client sees the virtual service; there is a template to that server, proved at once, and the client’s answer reaches it, as does the call from another port.',
    source: ['ip_vs_core.c:ip_vs_new_conn_out', 'ip_vs_pe_sip.c:ip_vs_sip_conn_out'],
    needs: ['connections'],
    rules: persistent,
    async script(lab) {
      await speaks(lab, 1, request('Call-ID: call-1@example.org'), lab.vip);
      lab.equal('records', (await lab.connections()).map(brief), [
        'UDP 10.0.0.2:0 10.0.0.100:5060 192.168.1.11:5060 ASSURED',
        'UDP 10.0.0.2:5060 10.0.0.100:5060 192.168.1.11:5060 UDP',
      ]);
      lab.equal('server of the answer', await serverOfCall(lab, 1), 1);
      lab.equal('server of the call', await serverOfCall(lab, 1, { sourcePort: 40001 }), 1);
      lab.equal('server of another call', await serverOfCall(lab, 2, { sourcePort: 40002 }), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-other-server-speaks',
    title: 'A server that speaks in a call of another takes it over',
    requirement: 'A template to another server gives way to one to the server that speaks.',
    source: ['ip_vs_core.c:ip_vs_new_conn_out', 'ip_vs_conn.c:ip_vs_check_template'],
    rules: persistent,
    async script(lab) {
      lab.equal('server', await serverOfCall(lab, 1, { sourcePort: 40001 }), 3);
      await speaks(lab, 1, request('Call-ID: call-1@example.org'), lab.vip);
      lab.equal('server of the call from now on', await serverOfCall(lab, 1, { sourcePort: 40002 }), 1);
      lab.equal('server of its old connection', await serverOfCall(lab, 1, { sourcePort: 40001 }), 3);
    },
  },
  {
    ...common,
    id: 'persistence/sip-server-says-nothing',
    title: 'What a server says without a Call-ID leaves as it is',
    requirement: 'Without a Call-ID there is no connection, so the datagram is routed.',
    source: ['ip_vs_core.c:ip_vs_new_conn_out'],
    needs: ['connections'],
    rules: persistent,
    async script(lab) {
      await speaks(lab, 1, request('To: Bob'), lab.servers[0].address);
      lab.equal('records', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'persistence/sip-servers-speak-by-themselves',
    title: 'Without an engine a server’s datagram is routed as it is',
    requirement: 'Only a persistence engine makes connections of what servers send.',
    source: ['ip_vs_core.c:ip_vs_out_hook'],
    needs: ['connections'],
    rules: sip(''),
    async script(lab) {
      await speaks(lab, 1, request('Call-ID: call-1@example.org'), lab.servers[0].address);
      lab.equal('records', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'persistence/sip-one-packet',
    title: 'Replies of a one-packet service are translated where it has the engine',
    requirement:
      'The datagram of the server makes a connection of one packet: it leaves with the virtual address, whatever it says, and nothing is remembered.',
    source: ['ip_vs_core.c:__ip_vs_rs_conn_out', 'ipvs.md §6.6', 'ipvs-cases G13'],
    needs: ['connections'],
    rules: sip('-o --pe sip'),
    async script(lab) {
      lab.equal('servers', [await serverOf(lab, 'one'), await serverOf(lab, 'two')], [3, 2]);
      await speaks(lab, 3, 'reply', lab.vip);
      lab.equal('records', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'persistence/sip-unknown-engine',
    title: 'An engine that is not there is refused',
    requirement: 'ipvsadm: Scheduler or persistence engine not found.',
    source: ['ip_vs_ctl.c:ip_vs_add_service, ip_vs_edit_service'],
    needs: ['services', 'persistence-engine.sip'],
    rules: '-A -u 10.0.0.100:5060 -s rr -p 300 --pe sip',
    async script(lab) {
      await lab.refuses('-A -u 10.0.0.100:5061 -s rr -p 300 --pe h323');
      await lab.refuses('-E -u 10.0.0.100:5060 -s rr -p 300 --pe h323');
      lab.equal('services', (await lab.services()).length, 1);
    },
  },
];
