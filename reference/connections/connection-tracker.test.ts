import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ServiceTable } from '../administration/service-table.ts';
import { isServiceCommand } from '../administration/command.ts';
import { parseCommand } from '../administration/parse-command.ts';
import type { RealServer } from '../administration/real-server.ts';
import { Clock } from '../clock.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { FLAG, METHOD, METHOD_MASK, NONE } from './connection-record.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { compileTcpTables, TCP_STATE, TCP_STATE_NAMES } from './tcp-states.ts';
import { TCP_TABLES } from './tcp-tables.ts';
import { Timeouts } from './timeouts.ts';

const METHODS = { '-m': 'nat', '-i': 'tunnel', '-g': 'direct-route' } as const;
/** By the kernel's `tcp_state_active_table`. */
const ACTIVE: readonly string[] = ['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK'];

function setUp() {
  const clock = new Clock();
  const services = new ServiceTable('classic');
  const administer = (line: string): void => {
    const command = parseCommand(line);
    if (isServiceCommand(command)) services.apply(command);
  };
  administer('-A -t 10.0.0.100:80 -s rr');
  Object.keys(METHODS).forEach((option, index) =>
    administer(`-a -t 10.0.0.100:80 -r 192.168.1.${11 + index}:80 ${option}`),
  );
  const timeouts = new Timeouts('linux');
  const tracker = new ConnectionTracker({ clock, services, tcp: compileTcpTables(TCP_TABLES.linux), timeouts });
  const servers = [...services.services].flatMap((service) => service.servers);
  const advance = (milliseconds: number) => clock.advance(milliseconds, () => tracker.expire());
  return { tracker, servers, timeouts, advance, administer };
}

let port = 0;
function create(tracker: ConnectionTracker, server: RealServer, protocol: number = PROTOCOL.tcp, flags = 0): number {
  port = (port + 1) % 65536;
  const ends = { clientAddress: 0x0a000002, clientPort: port, virtualAddress: 0x0a000064, virtualPort: 80 };
  return tracker.create(server, { protocol, ...ends, destinationAddress: 0xc0a8010b, destinationPort: 80 }, flags);
}
const stateOf = (tracker: ConnectionTracker, connection: number) => TCP_STATE_NAMES[tracker.table.state(connection)];

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create' as const), which: fc.nat(2), udp: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      which: fc.nat(),
      output: fc.boolean(),
      flags: fc.constantFrom(0x02, 0x12, 0x10, 0x11, 0x04, 0x00),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('template' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('listen' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hang' as const), which: fc.nat(), on: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), milliseconds: fc.integer({ min: 1, max: 200_000 }) }),
  },
);

describe('connections and their servers', () => {
  property.prop([fc.array(step, { maxLength: 60, size: 'max' })], { numRuns: 300 })(
    'a server counts every connection to it once, as active or not by its state (paper P6, P14, P16)',
    (steps) => {
      const { tracker, servers, advance } = setUp();
      const { table } = tracker;
      const isTemplate = (connection: number) => (table.flags(connection) & FLAG.template) !== 0;
      for (const step of steps) {
        const alive = [...table.handles()];
        const pick = (which: number) => alive[which % Math.max(1, alive.length)];
        const connection = 'which' in step ? pick(step.which) : undefined;
        if (step.kind === 'advance') advance(step.milliseconds);
        if (step.kind === 'create') {
          const server = servers[step.which];
          if (server === undefined) continue;
          tracker.rearm(create(tracker, server, step.udp ? PROTOCOL.udp : PROTOCOL.tcp));
        }
        if (step.kind === 'template') {
          const server = servers[step.which];
          if (server !== undefined) tracker.rearm(create(tracker, server, 0, FLAG.template));
          continue;
        }
        if (connection === undefined || isTemplate(connection)) continue;
        if (step.kind === 'segment') {
          if (table.protocol(connection) === PROTOCOL.udp)
            tracker.udpDatagram(connection, step.output ? 'output' : 'input');
          else tracker.tcpSegment(connection, step.output ? 'output' : 'input', step.flags);
          tracker.rearm(connection);
        }
        if (step.kind === 'listen' && table.state(connection) === TCP_STATE.NONE) tracker.listen(connection);
        if (step.kind === 'end') tracker.expireNow(connection);
        // A data connection is younger than its control connection.
        if (step.kind === 'hang' && table.control(connection) === NONE && table.controlled(connection) === 0) {
          const control = pick(step.on);
          if (control !== undefined && control !== connection && table.control(control) === NONE) {
            table.setControl(connection, control);
          }
        }
        for (const server of servers) {
          const own = [...table.handles()].filter((each) => table.server(each) === server.id);
          const active = own.filter(
            (each) => table.protocol(each) === PROTOCOL.tcp && ACTIVE.includes(stateOf(tracker, each) ?? ''),
          );
          const templates = own.filter(isTemplate);
          expect([server.active, server.total, server.persistent]).toEqual([
            active.length,
            own.length - templates.length,
            templates.length,
          ]);
        }
      }
      advance(10 * 86_400_000);
      expect(servers.map(({ total, persistent }) => total + persistent)).toEqual([0, 0, 0]);
      expect(table.count).toBe(0);
    },
  );

  test.each(Object.entries(METHODS))(
    'begin with the method of their server, and without a seen reply unless it is VS/NAT: %s',
    (_option, method) => {
      const { tracker, servers } = setUp();
      const server = servers.find((each) => each.method === method);
      if (server === undefined) throw new Error(method);
      const flags = tracker.table.flags(create(tracker, server));
      expect(flags & METHOD_MASK).toBe(METHOD[method]);
      expect((flags & FLAG.noOutput) !== 0).toBe(method !== 'nat');
    },
  );

  test('keep their method when the server is given another (kernel ip_vs_conn.c:ip_vs_bind_dest)', () => {
    const { tracker, servers, administer } = setUp();
    const server = servers.find((each) => each.method === 'nat');
    if (server === undefined) throw new Error('nat');
    const connection = create(tracker, server);
    administer('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -g');
    expect(tracker.table.flags(connection) & METHOD_MASK).toBe(METHOD.nat);
    expect(tracker.table.flags(create(tracker, server)) & METHOD_MASK).toBe(METHOD['direct-route']);
  });

  test('live three seconds until their first packet is done with', () => {
    const { tracker, servers, advance } = setUp();
    const [server] = servers;
    if (server === undefined) throw new Error('none');
    const connection = create(tracker, server);
    tracker.rearm(connection);
    advance(2999);
    expect(tracker.table.count).toBe(1);
    advance(1);
    expect(tracker.table.count).toBe(0);
  });

  test('one that others hang on lives on, a minute at a time, however time passes', () => {
    for (const leaps of [[200_000], [1000, 2000, 50_000, 147_000], Array.from({ length: 200 }, () => 1000)]) {
      const { tracker, servers, advance } = setUp();
      const [server] = servers;
      if (server === undefined) throw new Error('none');
      const ended: [string, number][] = [];
      const [control, child] = [create(tracker, server), create(tracker, server)];
      tracker.whenEnded((connection) =>
        ended.push([connection === control ? 'control' : 'child', tracker.table.expires(connection)]),
      );
      tracker.table.setControl(child, control);
      tracker.rearm(control); // due at 3 s, 63 s, 123 s
      tracker.listen(child); // due at 120 s
      tracker.rearm(child);
      for (const leap of leaps) advance(leap);
      expect(ended).toEqual([
        ['child', 120_000],
        ['control', 123_000],
      ]);
    }
  });
});
