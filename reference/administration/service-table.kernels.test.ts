import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../errors.ts';
import type { Accounting } from '../schedulers/overhead.ts';
import { parseIpv4 } from '../wire/address.ts';
import { formatAddress } from '../wire/ip-address.ts';
import { servicesText } from './listing.ts';
import { isServiceCommand } from './command.ts';
import { parseCommand } from './parse-command.ts';
import type { RealServer } from './real-server.ts';
import kernels from './service-table.kernels.json' with { type: 'json' };
import { ServiceTable } from './service-table.ts';

/** The recorded director had 192.168.1.1/24 and 10.0.0.100/32. */
const BROADCAST = new Set([parseIpv4('192.168.1.255')]);
const VIP = parseIpv4('10.0.0.100');

const nameOf = (server: RealServer) => formatAddress(server.address).replace(/.*\./, '');

/** @returns what ipvsadm would print */
function apply(table: ServiceTable, line: string): string | undefined {
  try {
    const command = parseCommand(line);
    if (isServiceCommand(command)) table.apply(command);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedInput) return error.message;
    throw error;
  }
}

describe('what running kernels did, they do here too', () => {
  test.each(kernels.recordings)('$kernel, $title, port $port', ({ accounting, protocol, port, lines }) => {
    const table = new ServiceTable(accounting as Accounting, BROADCAST);
    const tcp = protocol === 'tcp';
    const request = { clientAddress: parseIpv4('10.0.0.2'), clientPort: 20000, destinationAddress: VIP };
    let connections: RealServer[] = [];
    const connect = () => {
      const server = table.find(0, tcp ? 6 : 17, VIP, port)?.schedule(request);
      if (server === undefined) return '-';
      server.bind();
      // A SYN makes a connection active, a datagram does not.
      if (tcp) server.activate();
      connections.push(server);
      return nameOf(server);
    };
    lines.forEach((line, index) => {
      if (line.startsWith('show\n')) {
        expect(servicesText(table.services, { ticksPerSecond: 100 })).toBe(line.slice(5));
        return;
      }
      const [command = '', ...servers] = line.split(' ');
      if (command === 'connect') {
        expect([index, ...servers.map(connect)]).toEqual([index, ...servers]);
        return;
      }
      if (command === 'expire') {
        const ends = (server: RealServer) => server.configured && (servers[0] ?? nameOf(server)) === nameOf(server);
        for (const server of connections.filter(ends)) server.unbind(tcp);
        connections = connections.filter((server) => !ends(server));
        return;
      }
      const [text = '', refusal] = line.split(' => ');
      expect([index, apply(table, text)]).toEqual([index, refusal]);
    });
  });
});

test('ipvsadm and the kernel refuse the same commands, with the same words at the beginning', () => {
  const table = new ServiceTable('classic', BROADCAST);
  for (const line of kernels.commands) {
    const [command = '', refusal] = line.split(' => ');
    const message = apply(table, command);
    // popt's general advice where the line does not begin with a command says nothing about the mistake.
    const words = refusal?.startsWith("Try 'ipvsadm") === true ? '' : refusal;
    expect([command, message?.slice(0, words?.length)]).toEqual([command, words]);
  }
});
