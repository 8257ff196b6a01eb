import type { Machine } from '../lab/machine.ts';
import { clientCommand } from './client-command.ts';
import { distribution, inTurn } from './distribution.ts';
import type { Scenario } from './scenario.ts';
import { virtualService } from './virtual-service.ts';

/** dig takes an answer for one only if it comes from the address and port that it asked. */
const DIG = 'dig +short +tries=1 +timeout=3';

/** What `start-services.sh` makes the text of `large.service.test`: twelve strings of 250 digits. */
const LARGE_TEXT = Array.from({ length: 12 }, (_, index) => `"${String(index + 1).padStart(250, '0')}"`).join(' ');

/** DNS on the virtual address: a protocol of single datagrams. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'dns',
    title: 'Queries from many ports are answered by all servers, from the virtual address',
    requirement:
      'For UDP a connection is what comes from one port; each new one goes to the next server, and answers come from the address asked.',
    source: ['paper P4, P13, P14, P25, P32'],
    level: 'core',
    tags: ['dns', 'udp'],
    needs: ['udp', 'scheduler.rr'],
    rules: (lab) => virtualService(lab, { protocol: 'udp', port: 53, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client, other] = lab.clients;
      const names = await serversAsked(client, lab.vip, ports(21_000, 9));
      judge.holds('servers that answered client1', 'the three in turn', names, inTurn(names, 3));
      const both = await Promise.all([
        serversAsked(client, lab.vip, ports(22_000, 15)),
        serversAsked(other, lab.vip, ports(22_000, 15)),
      ]);
      judge.equal('answers to both at once', { server1: 10, server2: 10, server3: 10 }, distribution(both.flat()));
      const addresses = await clientCommand(client, `${DIG} @${lab.vip} service.test A service.test AAAA`);
      judge.equal('addresses of service.test', `${lab.vip}\n${lab.vip6}\n`, addresses);
    },
  },
  {
    name: 'dns-same-port',
    title: 'Queries from one port go to one server, until its time is up',
    requirement:
      'UDP has one state, whose timeout can be set; what comes within it belongs to the connection, what comes after it is scheduled anew.',
    source: ['paper P14, P15, P16'],
    level: 'core',
    tags: ['dns', 'udp', 'timeout'],
    needs: ['udp', 'scheduler.rr', 'timeouts'],
    rules: (lab) => virtualService(lab, { protocol: 'udp', port: 53, scheduler: 'rr' }),
    async script(lab, judge) {
      const [client] = lab.clients;
      await lab.director.administer(['--set 0 0 1']);
      const names = await serversAsked(client, lab.vip, Array(4).fill(23_000));
      judge.equal('servers of four queries', 1, new Set(names).size);
      // One second, and what a kernel's timer may be late.
      await clientCommand(client, 'sleep 1.5');
      const [next] = await serversAsked(client, lab.vip, [23_000]);
      judge.holds('server of a query 1.5 s later', `another than ${names[0] ?? ''}`, next, next !== names[0]);
    },
  },
  {
    name: 'dns-one-packet',
    title: 'With one-packet scheduling queries from one port go to the servers in turn',
    requirement: 'A service with one-packet scheduling makes no connections: each datagram is scheduled by itself.',
    source: ['ipvsadm(8) --ops'],
    level: 'ipvs',
    tags: ['dns', 'udp', 'one-packet'],
    needs: ['udp', 'scheduler.rr', 'one-packet'],
    // Under VS/NAT the answers of a service without connections are not rewritten: no client would take them.
    topologies: ['vs-tun', 'vs-dr'],
    rules: (lab) => virtualService(lab, { protocol: 'udp', port: 53, scheduler: 'rr', options: '--ops' }),
    async script(lab, judge) {
      const names = await serversAsked(lab.clients[0], lab.vip, Array(7).fill(24_000));
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
    },
  },
  {
    name: 'dns-large-answer',
    title: 'An answer larger than a frame comes in fragments and is put together; without room for it TCP takes over',
    requirement:
      'A datagram in fragments is forwarded as one: all of its fragments reach the client, from the virtual address.',
    source: ['RFC 791 §3.2', 'RFC 6891 §6.2.5', 'RFC 7766 §5'],
    level: 'core',
    tags: ['dns', 'udp', 'fragments'],
    needs: ['udp', 'scheduler.rr'],
    rules: (lab) =>
      [
        virtualService(lab, { protocol: 'udp', port: 53, scheduler: 'rr' }),
        virtualService(lab, { port: 53, scheduler: 'rr' }),
      ].join('\n'),
    async script(lab, judge) {
      const query = `@${lab.vip} large.service.test TXT`;
      for (const client of lab.clients) {
        const text = await clientCommand(client, `${DIG} +notcp +ignore +bufsize=4096 ${query}`);
        judge.equal(`text that ${client.name} got in one datagram`, LARGE_TEXT, text.trim());
      }
      const [client] = lab.clients;
      const cut = await clientCommand(client, `dig +tries=1 +timeout=3 +notcp +ignore +bufsize=1232 ${query}`);
      judge.holds('flags where 1232 bytes are room', 'with tc', cut.match(/flags: [a-z ]*/)?.[0], / tc /.test(cut));
      const text = await clientCommand(client, `${DIG} +bufsize=1232 ${query}`);
      judge.equal('text that came by TCP then', LARGE_TEXT, text.trim());
    },
  },
  {
    name: 'dns-ipv6',
    title: 'DNS over IPv6: queries in turn, and an answer in fragments',
    requirement: 'A UDP service of IPv6 is balanced and forwarded as one of IPv4, fragments of its answers included.',
    source: ['paper P4, P6', 'RFC 8200 §4.5'],
    level: 'ipvs',
    tags: ['dns', 'udp', 'ipv6', 'fragments'],
    needs: ['udp', 'scheduler.rr', 'ipv6'],
    rules: (lab) => virtualService(lab, { protocol: 'udp', port: 53, scheduler: 'rr', family: 6 }),
    async script(lab, judge) {
      const [client] = lab.clients;
      const names = await serversAsked(client, lab.vip6, ports(25_000, 6));
      judge.holds('servers that answered', 'the three in turn', names, inTurn(names, 3));
      const query = `@${lab.vip6} large.service.test TXT`;
      const text = await clientCommand(client, `${DIG} +notcp +ignore +bufsize=4096 ${query}`);
      judge.equal('text in one datagram', LARGE_TEXT, text.trim());
    },
  },
];

/** Names of the servers that answered queries from these ports, one after the other. Ports that chance chose might meet connections of before. */
async function serversAsked(client: Machine, address: string, from: readonly number[]): Promise<readonly string[]> {
  const any = address.includes(':') ? '::' : '0.0.0.0';
  const ask = `${DIG} -b "${any}#$port" @${address} whoami.service.test TXT`;
  const output = await clientCommand(client, `set -e; for port in ${from.join(' ')}; do ${ask}; done`);
  return output.trim().replaceAll('"', '').split('\n');
}

function ports(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
