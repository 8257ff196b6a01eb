import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { FLAG, METHOD, NONE } from './connection-record.ts';
import { ConnectionTable, type NewConnection } from './connection-table.ts';

const CLIENT = 0x0a000002;
const VIRTUAL = 0x0a000064;
const SERVER = 0xc0a8010b;

const connection = (fields: Partial<NewConnection> = {}): NewConnection => ({
  protocol: 6,
  clientAddress: CLIENT,
  clientPort: 40001,
  virtualAddress: VIRTUAL,
  virtualPort: 80,
  destinationAddress: SERVER,
  destinationPort: 8080,
  flags: METHOD.nat,
  state: 0,
  timeout: 3000,
  server: 0,
  ...fields,
});

/** The same rules over a plain list, newest first (ip_vs_conn.c: bucket order aside, the newest of equal entries is met first). */
class NaiveTable {
  readonly entries: { handle: number; connection: NewConnection }[] = [];

  findIn(protocol: number, source: number, sourcePort: number, destination: number, destinationPort: number): number {
    const ends = { protocol, clientAddress: source, virtualAddress: destination, virtualPort: destinationPort };
    const waits = ({ flags }: NewConnection) => (flags & FLAG.noClientPort) !== 0;
    const exact = this.#first(
      (entry) => has(entry, { ...ends, clientPort: sourcePort }) && (sourcePort === 0 ? waits(entry) : !waits(entry)),
    );
    return exact === NONE ? this.#first((entry) => has(entry, { ...ends, clientPort: 0 }) && waits(entry)) : exact;
  }

  findOut(protocol: number, source: number, sourcePort: number, client: number, clientPort: number): number {
    return this.#first((entry) => {
      const speaker =
        (entry.flags & 7) === METHOD.nat
          ? { destinationAddress: source, destinationPort: sourcePort }
          : { virtualAddress: source, virtualPort: sourcePort };
      return has(entry, { protocol, clientAddress: client, clientPort, ...speaker });
    });
  }

  #first(matches: (entry: NewConnection) => boolean): number {
    return this.entries.find((entry) => matches(entry.connection))?.handle ?? NONE;
  }
}

const has = (entry: NewConnection, fields: Partial<NewConnection>): boolean =>
  Object.entries(fields).every(([name, value]) => Object.entries(entry).some(([n, v]) => n === name && v === value));

// Few values, so that equal and nearly equal entries are common.
const address = fc.constantFrom(CLIENT, VIRTUAL, SERVER, 0xffffffff, 0);
const port = fc.constantFrom(0, 80, 8080, 40001, 65535);
const protocol = fc.constantFrom(6, 17);
const method = fc.constantFrom(...Object.values(METHOD));
const anyConnection = fc
  .record({
    protocol,
    clientAddress: address,
    clientPort: port,
    virtualAddress: address,
    virtualPort: port,
    destinationAddress: address,
    destinationPort: port,
    method,
    waits: fc.boolean(),
  })
  .map(({ method, waits, ...ends }) => {
    const flags = method | (waits ? FLAG.noClientPort : 0);
    return connection({ ...ends, clientPort: waits ? 0 : ends.clientPort, flags });
  });
const query = fc.tuple(protocol, address, port, address, port);
const step = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), connection: anyConnection }),
  fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('fill' as const), which: fc.nat(), port }),
);

describe('the connection table', () => {
  property.prop([fc.array(step, { maxLength: 60, size: 'max' }), fc.array(query, { minLength: 5, maxLength: 30 })])(
    'finds what a plain list, newest first, finds',
    (steps, queries) => {
      const table = new ConnectionTable();
      const naive = new NaiveTable();
      for (const step of steps) {
        if (step.kind === 'create') {
          const handle = table.create(step.connection);
          expect(naive.entries.map((entry) => entry.handle)).not.toContain(handle);
          naive.entries.unshift({ handle, connection: step.connection });
          continue;
        }
        const index = step.which % Math.max(1, naive.entries.length);
        const entry = naive.entries[index];
        if (entry === undefined) continue;
        if (step.kind === 'remove') {
          table.remove(entry.handle);
          naive.entries.splice(index, 1);
        } else if ((entry.connection.flags & FLAG.noClientPort) !== 0) {
          // Hashed anew, it stands before its equals.
          table.fillClientPort(entry.handle, step.port);
          naive.entries.splice(index, 1);
          const filled = { clientPort: step.port, flags: entry.connection.flags & ~FLAG.noClientPort };
          naive.entries.unshift({ handle: entry.handle, connection: { ...entry.connection, ...filled } });
        }
      }
      for (const query of queries) {
        expect(table.findIn(...query)).toBe(naive.findIn(...query));
        expect(table.findOut(...query)).toBe(naive.findOut(...query));
      }
      expect(table.count).toBe(naive.entries.length);
      expect([...table.handles()].sort((a, b) => a - b)).toEqual(
        naive.entries.map(({ handle }) => handle).sort((a, b) => a - b),
      );
    },
  );

  property.prop([anyConnection])('gives back what was put in', (made) => {
    const table = new ConnectionTable();
    const handle = table.create(made);
    expect({
      protocol: table.protocol(handle),
      clientAddress: table.clientAddress(handle),
      clientPort: table.clientPort(handle),
      virtualAddress: table.virtualAddress(handle),
      virtualPort: table.virtualPort(handle),
      destinationAddress: table.destinationAddress(handle),
      destinationPort: table.destinationPort(handle),
      flags: table.flags(handle) & ~FLAG.hashed,
      state: table.state(handle),
      timeout: table.timeout(handle),
      server: table.server(handle),
    }).toEqual(made);
  });

  test('grows: ten thousand connections, equal pairs among them, are all found, the newer of each pair', () => {
    const table = new ConnectionTable();
    const newest = new Map<number, number>();
    for (let round = 0; round < 2; round++) {
      for (let port = 1; port <= 5000; port++) newest.set(port, table.create(connection({ clientPort: port })));
    }
    expect(table.count).toBe(10_000);
    for (const [port, handle] of newest) expect(table.findIn(6, CLIENT, port, VIRTUAL, 80)).toBe(handle);
    for (const handle of newest.values()) table.remove(handle);
    for (const [port, handle] of newest) {
      const older = table.findIn(6, CLIENT, port, VIRTUAL, 80);
      expect(older).not.toBe(handle);
      expect(table.clientPort(older)).toBe(port);
    }
  });

  test('grows with any number of equal connections, as packets from port 0 make them', () => {
    const table = new ConnectionTable();
    let newest = NONE;
    for (let count = 0; count < 300_000; count++) newest = table.create(connection({ clientPort: 0 }));
    expect(table.count).toBe(300_000);
    expect(table.findOut(6, SERVER, 8080, CLIENT, 0)).toBe(newest);
  });

  test('uses the handles of removed connections again, so that its memory does not grow', () => {
    const table = new ConnectionTable();
    const handles = new Set<number>();
    for (let round = 0; round < 5000; round++) {
      const handle = table.create(connection({ clientPort: round }));
      handles.add(handle);
      table.remove(handle);
    }
    expect(handles.size).toBe(1);
  });

  test('never finds a normal connection for a packet from port 0, but its replies', () => {
    const table = new ConnectionTable();
    const handle = table.create(connection({ clientPort: 0 }));
    expect(table.findIn(6, CLIENT, 0, VIRTUAL, 80)).toBe(NONE);
    expect(table.findOut(6, SERVER, 8080, CLIENT, 0)).toBe(handle);
  });

  test('of two services on one server port the newest connection gets the reply (ipvs-cases, pitfall 43)', () => {
    const table = new ConnectionTable();
    table.create(connection({ virtualPort: 80 }));
    const newer = table.create(connection({ virtualPort: 81 }));
    expect(table.findOut(6, SERVER, 8080, CLIENT, 40001)).toBe(newer);
  });

  test('counts what hangs on a connection, however many', () => {
    const table = new ConnectionTable();
    const control = table.create(connection({ virtualPort: 21 }));
    const children = Array.from({ length: 70_000 }, (_, index) =>
      table.create(connection({ clientAddress: index, virtualPort: 20 })),
    );
    for (const child of children) table.setControl(child, control);
    expect(table.controlled(control)).toBe(70_000);
    for (const child of children) table.remove(child);
    expect(table.controlled(control)).toBe(0);
  });
});
