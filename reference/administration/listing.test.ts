import { describe, expect, test } from 'vitest';
import type { Persistence, ServiceSettings } from './command.ts';
import { connectionsText, originsText, servicesText } from './listing.ts';

const VIP = 0x0a000064;
const RS1 = 0xc0a8010b;

const debian = { ticksPerSecond: 250 };
const settings = (persistence?: Persistence): ServiceSettings => ({
  scheduler: 'rr',
  schedulerFlags: 0,
  persistence,
  onePacket: false,
  engine: '',
});

describe('/proc/net/ip_vs', () => {
  const header =
    'IP Virtual Server version 1.2.1 (size=4096)\n' +
    'Prot LocalAddress:Port Scheduler Flags\n' +
    '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n';

  test('without services is its three header lines', () => {
    expect(servicesText([], debian)).toBe(header);
  });

  test('ends a plain service line with two spaces and pads the last column (ip_vs_ctl.c:ip_vs_info_seq_show, ip_vs_conn.c:ip_vs_conn_seq_show)', () => {
    const server = { address: RS1, port: 8080, method: 'nat', weight: 1, active: 2, inactive: 30 } as const;
    const text = servicesText(
      [{ protocol: 6, address: VIP, port: 80, fwmark: 0, settings: settings(), servers: [server] }],
      debian,
    );
    expect(text).toBe(
      `${header}TCP  0A000064:0050 rr  \n  -> C0A8010B:1F90      Masq    1      2          30        \n`,
    );
  });

  test.each([
    ['nat', 'Masq   '],
    ['tunnel', 'Tunnel '],
    ['direct-route', 'Route  '],
  ] as const)('shows method %s as "%s"', (method, shown) => {
    const server = { address: RS1, port: 53, method, weight: 65536, active: 0, inactive: 0 };
    const text = servicesText(
      [
        {
          protocol: 17,
          address: VIP,
          port: 53,
          fwmark: 0,
          settings: { ...settings(), scheduler: 'wlc' },
          servers: [server],
        },
      ],
      { ticksPerSecond: 250, tableSize: 256 },
    );
    expect(text.split('\n')).toEqual([
      'IP Virtual Server version 1.2.1 (size=256)',
      ...header.split('\n').slice(1, 3),
      'UDP  0A000064:0035 wlc  ',
      `  -> C0A8010B:0035      ${shown} 65536  0          0         `,
      '',
    ]);
  });

  // Lines of a running kernel with HZ=250 and, for IPv6, of its source: the prefix length is printed as if it were a mask.
  test.each([
    [VIP, 0xffffffff, 'TCP  0A000064:0050 rr  persistent 75000 FFFFFFFF'],
    [VIP, 0xffffff00, 'TCP  0A000064:0050 rr  persistent 75000 FFFFFF00'],
    [1n, 64, 'TCP  [0000:0000:0000:0000:0000:0000:0000:0001]:0050 rr persistent 75000 40000000'],
  ])('shows persistence in ticks, and the netmask (ipvs-cases G16)', (address, netmask, line) => {
    const service = { protocol: 6, address, port: 80, fwmark: 0 } as const;
    const text = servicesText([{ ...service, settings: settings({ timeout: 300, netmask }), servers: [] }], debian);
    expect(text).toBe(`${header}${line}\n`);
  });
});

describe('/proc/net/ip_vs_conn', () => {
  const header = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
  const row = {
    protocol: 6,
    clientAddress: 0x0a000002,
    clientPort: 40001,
    virtualAddress: VIP,
    virtualPort: 80,
    destinationAddress: RS1,
    destinationPort: 80,
    state: 'ESTABLISHED',
    origin: 'LOCAL',
    expires: 899.99,
  } as const;

  test('has columns of fixed width and whole seconds, rounded down (ip_vs_ctl.c:ip_vs_info_seq_show, ip_vs_conn.c:ip_vs_conn_seq_show)', () => {
    expect(connectionsText([row])).toBe(`${header}TCP 0A000002 9C41 0A000064 0050 C0A8010B 0050 ESTABLISHED     899\n`);
    expect(connectionsText([{ ...row, protocol: 17, state: 'UDP', expires: 7 }])).toBe(
      `${header}UDP 0A000002 9C41 0A000064 0050 C0A8010B 0050 UDP               7\n`,
    );
  });

  test('shows 0 for an entry that is overdue', () => {
    expect(connectionsText([{ ...row, expires: -0.2 }])).toMatch(/ {6}0\n$/);
  });

  test('the one of origins says who made a connection (ip_vs_conn.c:ip_vs_conn_sync_seq_show)', () => {
    expect(originsText([row, { ...row, clientPort: 40002, origin: 'SYNC', expires: 7 }])).toBe(
      'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n' +
        'TCP 0A000002 9C41 0A000064 0050 C0A8010B 0050 ESTABLISHED LOCAL      899\n' +
        'TCP 0A000002 9C42 0A000064 0050 C0A8010B 0050 ESTABLISHED SYNC         7\n',
    );
  });
});
