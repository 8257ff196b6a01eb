import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ServerPool } from '../testing/server-pool.ts';
import { parseIpv4 } from '../wire/address.ts';
import mhTables from './mh.tables.json' with { type: 'json' };
import { SCHEDULER_FLAG } from './scheduler.ts';

const from = (address: string, clientPort = 40000) => ({ clientAddress: parseIpv4(address), clientPort });
const to = (address: string) => ({ destinationAddress: parseIpv4(address) });

const weight = fc.integer({ min: 0, max: 9 });
const weights = fc.dictionary(
  fc.integer({ min: 1, max: 254 }).map((number) => `RS${number}`),
  weight,
  { minKeys: 1, maxKeys: 8 },
);
const address = fc.integer({ min: 0, max: 0xffff_ffff });
const clientPort = fc.integer({ min: 1, max: 0xffff });

describe('dh', () => {
  // Slots as in hash-32.test.ts; list order 13, 12, 11.
  test.each([
    ['10.0.0.100', '11'],
    ['172.20.1.1', '12'],
    ['10.0.0.2', '11'],
    ['255.255.255.255', '11'],
    ['203.0.113.77', '13'],
  ])('ipvs-cases D27: %s has the server in its slot, whatever the weights', (destination, server) => {
    expect(new ServerPool('dh', { 11: 1, 12: 9, 13: 2 }).choose(to(destination))?.name).toBe(server);
  });

  test('asks nobody else where the server has weight 0', () => {
    expect(new ServerPool('dh', { 11: 0, 12: 1, 13: 1 }).choose(to('10.0.0.100'))).toBeUndefined();
  });

  property.prop([weights, address, fc.array(fc.record({ clientAddress: address, clientPort }), { minLength: 1 })])(
    'same destination, same server, whoever asks',
    (weights, destinationAddress, clients) => {
      const pool = new ServerPool('dh', weights);
      const chosen = clients.map((client) => pool.choose({ destinationAddress, ...client }));
      expect(new Set(chosen).size).toBe(1);
    },
  );
});

describe('sh', () => {
  test('ipvs-cases D22: client 10.0.0.2 has slot 137, the list’s server 137 modulo n', () => {
    const pool = new ServerPool('sh', { 11: 1, 12: 1, 13: 1 });
    expect([pool.choose(from('10.0.0.2'))?.name, pool.choose(from('10.0.0.3'))?.name]).toEqual(['11', '12']);
  });

  test('ipvs-cases D23: with sh-port 10.0.0.2:40000 has slot 45', () => {
    const pool = new ServerPool('sh', { 11: 1, 12: 1, 13: 1, 14: 1 }, { flags: SCHEDULER_FLAG.port });
    expect(pool.choose(from('10.0.0.2'))?.name).toBe('13');
  });

  test('ipvs-cases D26: a server of weight 3 has three slots in a row, one of weight 0 still one', () => {
    const pool = new ServerPool('sh', { 11: 0, 12: 3 });
    // Slots 137 (137 % 4 = 1), 235 (3), 136 (0) and 90 (2).
    const chosen = ['10.0.0.2', '10.0.0.3', '192.168.1.1', '192.168.1.11'].map((ip) => pool.choose(from(ip))?.name);
    expect(chosen).toEqual(['12', undefined, '12', '12']);
  });

  test('ipvs-cases D24: no fallback without the flag, and with it from the moment it is given', () => {
    const pool = new ServerPool('sh', { 11: 0, 12: 1, 13: 1 });
    expect(pool.choose(from('10.0.0.2'))).toBeUndefined();
    pool.scheduler.flagged?.(SCHEDULER_FLAG.fallback);
    // 2 · 137 mod 256 is slot 18, and 18 mod 3 the first in the list.
    expect(pool.choose(from('10.0.0.2'))?.name).toBe('13');
  });
});

describe('mh', () => {
  // Computed apart from this project, in Python, from ip_vs_mh.c.
  test.each(mhTables.tables)('fills the table as the kernel does: $servers', ({ servers, owners }) => {
    const pool = new ServerPool('mh');
    for (const [name, weight] of [...servers].reverse()) pool.add(String(name), Number(weight));
    for (const [clientAddress, slot] of mhTables.clients) {
      const owner = owners[Number(slot)];
      expect([slot, pool.choose({ clientAddress: Number(clientAddress) })?.name]).toEqual([
        slot,
        String(servers[Number(owner)]?.[0]),
      ]);
    }
  });

  test('ipvs-cases D30: weight 0 leaves the table, and its clients are refused', () => {
    const pool = new ServerPool('mh', { 11: 1, 12: 1, 13: 1 });
    const clients = Array.from({ length: 200 }, (_, number) => ({ clientAddress: 0x0a000000 + number }));
    const before = clients.map((client) => pool.choose(client)?.name);
    pool.edit('12', 0);
    expect(clients.map((client) => pool.choose(client)?.name ?? '12')).toEqual(before);
  });

  test('a server added with weight 0 has no slot; where all were nobody is chosen', () => {
    const pool = new ServerPool('mh', { 11: 0 });
    expect(pool.choose()).toBeUndefined();
    pool.add('12', 3);
    expect(pool.connect(5)).toBe('12 12 12 12 12');
  });

  property.prop([fc.integer({ min: 2, max: 9 }), fc.nat()], { numRuns: 30 })(
    'when one of n equal servers leaves its clients move and few others',
    (size, place) => {
      const pool = new ServerPool('mh');
      for (let number = 1; number <= size; number++) pool.add(`RS${number}`);
      const clients = Array.from({ length: 2000 }, (_, number) => ({ clientAddress: (number * 2654435761) >>> 0 }));
      const before = clients.map((client) => pool.choose(client)?.name);
      const leaving = `RS${(place % size) + 1}`;
      pool.delete(leaving);
      const after = clients.map((client) => pool.choose(client)?.name);
      const strangers = before.filter((name, index) => name !== leaving && name !== after[index]).length;
      // Maglev §5.3: with a table that is more than 100 times as large as the servers are many a few per cent.
      expect(strangers).toBeLessThan(clients.length * 0.1);
    },
  );

  property.prop([fc.integer({ min: 1, max: 9 })])('equal servers have equal shares of the clients', (size) => {
    const pool = new ServerPool('mh');
    for (let number = 1; number <= size; number++) pool.add(`RS${number}`);
    for (let number = 0; number < 2000; number++) pool.connect(1, 'active', { clientAddress: number * 7919 });
    const share = 2000 / size;
    for (const server of pool.servers) expect(Math.abs(server.active - share)).toBeLessThan(6 * Math.sqrt(share));
  });
});

describe.each(['sh', 'mh'])('%s', (name) => {
  property.prop([weights, address, fc.array(fc.record({ destinationAddress: address, clientPort }), { minLength: 1 })])(
    'same client, same server, whatever its port and whom it asks',
    (weights, clientAddress, requests) => {
      const pool = new ServerPool(name, weights);
      expect(new Set(requests.map((request) => pool.choose({ clientAddress, ...request }))).size).toBe(1);
    },
  );

  property.prop([weights, address, clientPort, fc.constantFrom(0, SCHEDULER_FLAG.port)])(
    'fallback changes nothing for a client whose server can, and finds one for one whose server cannot',
    (weights, clientAddress, clientPort, port) => {
      const plain = new ServerPool(name, weights, { flags: port }).choose({ clientAddress, clientPort });
      const pool = new ServerPool(name, weights, { flags: port | SCHEDULER_FLAG.fallback });
      const chosen = pool.choose({ clientAddress, clientPort });
      if (plain !== undefined) expect(chosen?.name).toBe(plain.name);
      // Not promised where hardly any slot belongs to a server that can: sh looks at half of them.
      else if (Object.values(weights).every((weight) => weight > 0)) expect(chosen).toBeDefined();
      if (chosen !== undefined) expect(chosen.weight).toBeGreaterThan(0);
    },
  );

  test('with the port flag the ports of one client have different servers', () => {
    const pool = new ServerPool(name, { 11: 1, 12: 1, 13: 1 }, { flags: SCHEDULER_FLAG.port });
    const chosen = Array.from({ length: 60 }, (_, port) => pool.choose({ clientPort: 40000 + port })?.name);
    expect(new Set(chosen).size).toBe(3);
  });
});
