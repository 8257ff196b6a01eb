import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { InternalFault } from '../errors.ts';
import { parseIpv4 } from '../wire/address.ts';
import { formatAddress, type Address } from '../wire/ip-address.ts';
import { CommandRefused } from './command-refused.ts';
import { isServiceCommand } from './command.ts';
import { parseCommand } from './parse-command.ts';
import type { RealServer } from './real-server.ts';
import { ServiceTable } from './service-table.ts';

const VIP = parseIpv4('10.0.0.100');
const request = { clientAddress: parseIpv4('10.0.0.2'), clientPort: 40001, destinationAddress: VIP };

function tableOf(...lines: string[]): ServiceTable {
  const table = new ServiceTable('current', new Set([parseIpv4('192.168.1.255')]));
  configure(table, ...lines);
  return table;
}

function configure(table: ServiceTable, ...lines: string[]): void {
  for (const line of lines) {
    const command = parseCommand(line);
    if (isServiceCommand(command)) table.apply(command);
  }
}

const http = (table: ServiceTable) => {
  const service = table.find(0, 6, VIP, 80);
  if (service === undefined) throw new Error('no service on port 80');
  return service;
};
const names = (table: ServiceTable) =>
  http(table).servers.map(({ address }) => formatAddress(address).replace(/.*\./, ''));
const placeOf = (address: Address) => Number(formatAddress(address).replace(/.*\./, ''));
const choose = (table: ServiceTable) => {
  const server = http(table).schedule(request);
  if (server === undefined) throw new Error('no server');
  return server;
};

const SERVICE = '-A -t 10.0.0.100:80 -s rr';
const server = (line: string, last: number, rest = '-m') => `${line} -t 10.0.0.100:80 -r 192.168.1.${last}:80 ${rest}`;

describe('virtual services', () => {
  test('are found by protocol, address and port', () => {
    const table = tableOf(SERVICE, '-A -u 10.0.0.100:80 -s lc', '-A -t 255.255.255.255:65535 -s wrr');
    expect(table.find(0, 6, VIP, 80)?.settings.scheduler).toBe('rr');
    expect(table.find(0, 17, VIP, 80)?.settings.scheduler).toBe('lc');
    expect(table.find(0, 6, 0xffff_ffff, 65535)?.settings.scheduler).toBe('wrr');
    expect(table.find(0, 6, VIP, 81)).toBeUndefined();
    expect(table.size).toBe(3);
  });

  test('list the server added last first', () => {
    expect(names(tableOf(SERVICE, server('-a', 11), server('-a', 12), server('-a', 13)))).toEqual(['13', '12', '11']);
  });

  // What libipvs.c:ipvs_strerror makes of the kernel's error number.
  test.each([
    ['Service already exists', SERVICE],
    ['Scheduler or persistence engine not found', '-A -t 10.0.0.101:80 -s fastest'],
    ['Scheduler or persistence engine not found', '-E -t 10.0.0.100:80 -s fastest'],
    ['Scheduler or persistence engine not found', '-A -u 10.0.0.101:80 -s rr -p 300 --pe h323'],
    ['Scheduler or persistence engine not found', '-E -t 10.0.0.100:80 -s rr -p 300 --pe h323'],
    ['No such service', '-E -t 10.0.0.101:80 -s rr'],
    ['No such service', '-D -u 10.0.0.100:80'],
    ['No such service', '-Z -t 10.0.0.100:81'],
    ['Service not defined', '-a -t 10.0.0.100:81 -r 192.168.1.11:80 -m'],
    ['Service not defined', '-e -t 10.0.0.100:81 -r 192.168.1.11:80 -m'],
    ['Service not defined', '-d -t 10.0.0.100:81 -r 192.168.1.11:80'],
    ['Destination already exists', server('-a', 11)],
    ['Destination already exists', server('-a', 11, '-g')],
    ['No such destination', server('-e', 12)],
    ['No such destination', server('-d', 12, '')],
    ['No such destination', '-e -t 10.0.0.100:80 -r 192.168.1.11:81 -m'],
    ['Numerical result out of range', server('-a', 12, '-m -x 1 -y 2')],
    ['Numerical result out of range', server('-e', 11, '-m -y 1')],
    ['Invalid operation.  Possibly wrong module version, address not unicast, ...', server('-a', 255)],
    [
      'Invalid operation.  Possibly wrong module version, address not unicast, ...',
      '-a -t 10.0.0.100:80 -r 224.0.0.81:80 -m',
    ],
    [
      'Invalid operation.  Possibly wrong module version, address not unicast, ...',
      '-a -t 10.0.0.100:80 -r 0.0.0.0:80 -m',
    ],
  ])('%s: %s', (message, line) => {
    const table = tableOf(SERVICE, server('-a', 11));
    expect(() => configure(table, line)).toThrow(new CommandRefused(message));
    expect([table.size, http(table).settings.scheduler, names(table)]).toEqual([1, 'rr', ['11']]);
  });

  test('are gone after -C, and after -D', () => {
    const table = tableOf(SERVICE, '-A -u 10.0.0.100:53', server('-a', 11), '-D -u 10.0.0.100:53');
    expect(table.size).toBe(1);
    configure(table, '-C');
    expect([...table.services]).toEqual([]);
  });

  test('-Z changes no service', () => {
    const table = tableOf(SERVICE, server('-a', 11), '-Z', '-Z -t 10.0.0.100:80');
    expect(names(table)).toEqual(['11']);
  });
});

describe('editing', () => {
  test('-E with the same scheduler keeps its state, with another one begins anew', () => {
    const table = tableOf(SERVICE, server('-a', 11), server('-a', 12), server('-a', 13));
    expect(choose(table)).toBe(http(table).servers[0]);
    configure(table, '-E -t 10.0.0.100:80 -s rr');
    expect(choose(table)).toBe(http(table).servers[1]);
    configure(table, '-E -t 10.0.0.100:80 -s wrr', '-E -t 10.0.0.100:80 -s rr');
    expect(choose(table)).toBe(http(table).servers[0]);
    expect(http(table).settings.scheduler).toBe('rr');
  });

  test('-e keeps place, identity and connections', () => {
    const table = tableOf(SERVICE, server('-a', 11), server('-a', 12), server('-a', 13));
    const middle = http(table).servers[1];
    middle?.bind();
    configure(table, server('-e', 12, '-m -w 7'));
    expect(http(table).servers[1]).toBe(middle);
    expect(middle).toMatchObject({ weight: 7, method: 'nat', inactive: 1 });
  });

  test('ipvs-cases A45: -e to another method changes the server, whose connections keep theirs in their own record', () => {
    const table = tableOf(SERVICE, server('-a', 11), server('-e', 11, '-g'));
    expect(http(table).servers[0]?.method).toBe('direct-route');
  });
});

describe('removed servers', () => {
  test('ipvs-cases E13: added again while connections refer to it, a server has its counters back', () => {
    const table = tableOf(SERVICE, server('-a', 11));
    const before = choose(table);
    before.bind();
    before.activate();
    configure(table, server('-d', 11, ''));
    expect(before.configured).toBe(false);
    expect(http(table).schedule(request)).toBeUndefined();
    expect(table.server(before.id)).toBe(before);
    configure(table, server('-a', 12), server('-a', 11, '-g -w 5'));
    expect(names(table)).toEqual(['11', '12']);
    expect(http(table).servers[0]).toBe(before);
    expect(before).toMatchObject({ configured: true, active: 1, inactive: 0, weight: 5, method: 'direct-route' });
  });

  test('come back to a service of the same address that was deleted and added again', () => {
    const table = tableOf(SERVICE, server('-a', 11));
    const before = choose(table);
    before.bind();
    configure(table, '-D -t 10.0.0.100:80', '-A -t 10.0.0.100:80 -s wlc', server('-a', 11));
    expect(choose(table)).toBe(before);
    expect(before.service).toBe(http(table));
  });

  test('do not come back to another service, or with another port', () => {
    const table = tableOf(SERVICE, server('-a', 11));
    const before = choose(table);
    before.bind();
    configure(table, server('-d', 11, ''));
    configure(table, '-A -t 10.0.0.100:81', '-a -t 10.0.0.100:81 -r 192.168.1.11:80 -m');
    configure(table, '-a -t 10.0.0.100:80 -r 192.168.1.11:81 -m');
    expect(before.configured).toBe(false);
    expect(http(table).servers).not.toContain(before);
  });

  test('are forgotten when no connection refers to them', () => {
    const table = tableOf(SERVICE, server('-a', 11));
    const { id } = choose(table);
    configure(table, server('-d', 11, ''));
    expect(() => table.server(id)).toThrow(InternalFault);
  });
});

describe('any sequence of commands', () => {
  const place = fc.integer({ min: 1, max: 5 });
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('add', 'edit'), place, weight: fc.nat(4) }),
    fc.record({ kind: fc.constantFrom('delete', 'close', 'connect'), place }),
    fc.record({ kind: fc.constant('scheduler'), name: fc.constantFrom('rr', 'wrr', 'lc', 'wlc') }),
  );

  /** A list of places, newest first, is all there is to know of a service's order. */
  property.prop([fc.constantFrom('rr', 'wrr', 'lc', 'wlc'), fc.array(step, { maxLength: 60 })])(
    'keeps order, weights, counters and ids; only usable servers get connections',
    (scheduler, steps) => {
      const table = tableOf(`-A -t 10.0.0.100:80 -s ${scheduler}`);
      const order: number[] = [];
      const weights = new Map<number, number>();
      const connections: RealServer[] = [];
      const open = (place: number) => connections.filter(({ address }) => placeOf(address) === place).length;
      for (const step of steps) {
        if ('name' in step) configure(table, `-E -t 10.0.0.100:80 -s ${step.name}`);
        else if ('weight' in step) {
          const line = server(step.kind === 'add' ? '-a' : '-e', step.place, `-m -w ${step.weight}`);
          if ((step.kind === 'add') === order.includes(step.place)) {
            expect(() => configure(table, line)).toThrow(CommandRefused);
            continue;
          }
          configure(table, line);
          if (step.kind === 'add') order.unshift(step.place);
          weights.set(step.place, step.weight);
        } else if (step.kind === 'delete' && order.includes(step.place)) {
          configure(table, server('-d', step.place, ''));
          order.splice(order.indexOf(step.place), 1);
        } else if (step.kind === 'close') {
          connections.splice(step.place, 1).forEach((one) => one.unbind(false));
        } else if (step.kind === 'connect') {
          const chosen = http(table).schedule(request);
          expect(chosen === undefined).toBe(order.every((one) => weights.get(one) === 0));
          if (chosen !== undefined) {
            expect(chosen.configured && chosen.weight > 0).toBe(true);
            chosen.bind();
            connections.push(chosen);
          }
        }
        expect(names(table)).toEqual(order.map(String));
        for (const one of http(table).servers) {
          const place = placeOf(one.address);
          expect([one.weight, one.total]).toEqual([weights.get(place), open(place)]);
        }
        for (const one of connections) expect(table.server(one.id)).toBe(one);
      }
    },
  );
});
