import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Address } from '../wire/ip-address.ts';
import { METHOD, NONE } from './connection-record.ts';
import { ConnectionTable } from './connection-table.ts';

const wide = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const TCP = 6;

const create = (
  table: ConnectionTable,
  client: Address,
  virtual: Address,
  destination: Address,
  flags: number = METHOD.nat,
) =>
  table.create({
    protocol: TCP,
    clientAddress: client,
    clientPort: 40_001,
    virtualAddress: virtual,
    virtualPort: 80,
    destinationAddress: destination,
    destinationPort: 8080,
    flags,
    state: 0,
    timeout: 1000,
    server: 0,
  });

describe('connections of IPv6', () => {
  property.prop([fc.array(fc.tuple(wide, wide, wide), { minLength: 1, maxLength: 30 })])(
    'are found by whole addresses, in both directions',
    (all) => {
      const table = new ConnectionTable();
      const handles = all.map(([client, virtual, server]) => create(table, client, virtual, server));
      handles.forEach((handle, index) => {
        const [client = 0n, virtual = 0n, server = 0n] = all[index] ?? [];
        const found = table.findIn(TCP, client, 40_001, virtual, 80);
        expect([table.clientAddress(found), table.virtualAddress(found)]).toEqual([client, virtual]);
        const replied = table.findOut(TCP, server, 8080, client, 40_001);
        expect([table.clientAddress(replied), table.destinationAddress(replied)]).toEqual([client, server]);
        expect(table.destinationAddress(handle)).toBe(server);
      });
    },
  );

  test('another address with the same fold is another address, and so is the IPv4 address of that number', () => {
    const table = new ConnectionTable();
    const client = 0x2001_0db8n << 96n;
    create(table, client, 1n, 2n);
    expect(table.findIn(TCP, client, 40_001, 1n, 80)).not.toBe(NONE);
    expect(table.findIn(TCP, client >> 32n, 40_001, 1n, 80)).toBe(NONE);
    expect(table.findIn(TCP, 0x2001_0db8, 40_001, 1n, 80)).toBe(NONE);
    expect(table.findIn(TCP, client, 40_001, 1, 80)).toBe(NONE);
  });

  test('a tunnel may lead through the other family', () => {
    const table = new ConnectionTable();
    const handle = create(table, 5n, 6n, 0xc0a8_010b, METHOD.tunnel);
    expect(table.destinationAddress(handle)).toBe(0xc0a8_010b);
    expect(table.findOut(TCP, 6n, 80, 5n, 40_001)).toBe(handle);
    table.remove(handle);
    const next = create(table, 7, 8, 9);
    expect([table.clientAddress(next), table.virtualAddress(next), table.destinationAddress(next)]).toEqual([7, 8, 9]);
  });

  test('the table grows with them', () => {
    const table = new ConnectionTable();
    const clients = Array.from({ length: 3000 }, (_, index) => BigInt(index) << 64n);
    for (const client of clients) create(table, client, 1n, 2n);
    for (const client of clients) {
      expect(table.clientAddress(table.findIn(TCP, client, 40_001, 1n, 80))).toBe(client);
    }
  });
});
