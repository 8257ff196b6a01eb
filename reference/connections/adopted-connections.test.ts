import { describe, expect, test } from 'vitest';
import { isServiceCommand } from '../administration/command.ts';
import { parseCommand } from '../administration/parse-command.ts';
import { ServiceTable } from '../administration/service-table.ts';
import { Clock } from '../clock.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { FLAG, METHOD, METHOD_MASK, NONE } from './connection-record.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { compileTcpTables } from './tcp-states.ts';
import { TCP_TABLES } from './tcp-tables.ts';
import { Timeouts } from './timeouts.ts';

const ENDS = {
  protocol: PROTOCOL.tcp,
  clientAddress: 0x0a000002,
  clientPort: 40001,
  virtualAddress: 0x0a000064,
  virtualPort: 80,
  destinationAddress: 0xc0a8010b,
  destinationPort: 80,
};

function setUp() {
  const clock = new Clock();
  const services = new ServiceTable('classic');
  const administer = (line: string): void => {
    const command = parseCommand(line);
    if (isServiceCommand(command)) services.apply(command);
  };
  administer('-A -t 10.0.0.100:80 -s rr');
  administer('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -g');
  const tcp = compileTcpTables(TCP_TABLES.linux);
  const tracker = new ConnectionTracker({ clock, services, tcp, timeouts: new Timeouts('linux') });
  const server = [...services.services][0]?.servers[0];
  if (server === undefined) throw new Error('the service has no server');
  return { clock, tracker, server, administer };
}

describe('connections that another director told of (ip_vs_conn.c:ip_vs_bind_dest)', () => {
  test('are as active as it says, and go to the server by the method it has here', () => {
    const { tracker, server } = setUp();
    const active = tracker.adopt(server, ENDS, METHOD.nat);
    tracker.adopt(server, { ...ENDS, clientPort: 40002 }, METHOD.nat | FLAG.inactive);
    expect([server.active, server.inactive]).toEqual([1, 1]);
    const { table } = tracker;
    expect(table.flags(active) & METHOD_MASK).toBe(METHOD['direct-route']);
    expect(table.flags(active) & FLAG.noOutput).not.toBe(0);
    expect(table.flags(active) & FLAG.synchronised).not.toBe(0);
  });

  test('have no server where there is none, live all the same, and may get one later', () => {
    const { tracker, server } = setUp();
    const connection = tracker.adopt(undefined, ENDS, METHOD.tunnel | FLAG.noOutput);
    expect(tracker.server(connection)).toBeUndefined();
    tracker.tcpSegment(connection, 'input', 0x10);
    tracker.expireOrphans();
    expect(tracker.table.count).toBe(1);
    tracker.bindAdopted(connection, server);
    expect(tracker.server(connection)).toBe(server);
    expect(tracker.table.flags(connection) & METHOD_MASK).toBe(METHOD['direct-route']);
    tracker.expireNow(connection);
    expect([server.active, server.inactive]).toEqual([0, 0]);
  });

  test('a template is none of its server’s connections, and keeps a removed server known', () => {
    const { tracker, server, administer } = setUp();
    const flags = FLAG.template | FLAG.inactive;
    const template = tracker.adopt(server, { ...ENDS, clientPort: 0 }, flags);
    expect([server.total, server.persistent]).toEqual([0, 1]);
    administer('-d -t 10.0.0.100:80 -r 192.168.1.11:80');
    expect(tracker.server(template)).toBe(server);
    tracker.expireNow(template);
    expect(server.persistent).toBe(0);
  });

  test('a template is found by client, virtual address and port, and by no packet', () => {
    const { tracker, server } = setUp();
    const template = tracker.adopt(server, { ...ENDS, clientPort: 0 }, FLAG.template);
    const { table } = tracker;
    expect(table.findTemplate(PROTOCOL.tcp, ENDS.clientAddress, 0, ENDS.virtualAddress, 80)).toBe(template);
    expect(table.findTemplate(PROTOCOL.tcp, ENDS.clientAddress, 0, ENDS.virtualAddress, 81)).toBe(NONE);
    expect(table.findIn(PROTOCOL.tcp, ENDS.clientAddress, 0, ENDS.virtualAddress, 80)).toBe(NONE);
  });
});

test('whoever wants to know hears of a connection that cannot end yet, when it has its new timeout (ip_vs_conn.c:ip_vs_conn_expire)', () => {
  const { clock, tracker, server } = setUp();
  const control = tracker.create(server, ENDS);
  const data = tracker.create(server, { ...ENDS, clientPort: 40002 });
  tracker.table.setControl(data, control);
  tracker.rearm(control);
  const heard: number[] = [];
  tracker.whenPutOff((connection) => heard.push(tracker.table.timeout(connection)));
  clock.advance(3000, () => tracker.expire());
  expect(heard).toEqual([60_000]);
});
