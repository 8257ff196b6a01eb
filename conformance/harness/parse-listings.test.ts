import { describe, expect, test } from 'vitest';
import { parseConnections, parseOrigins, parseServices } from './parse-listings.ts';

// The lines are those a kernel 6.1 printed (ipvs-cases G01, G16, I01, I03).
const SERVICES = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A000064:0050 rr  
  -> C0A8010C:0050      Tunnel  2      0          0         
  -> C0A8010B:1F90      Masq    1      1          3         
UDP  0A000064:0035 wlc persistent 75000 FFFFFFFF
FWM  00000005 rr 
  -> C0A8010B:0000      Route   -1     0          0         
`;

const IPV6_SERVICES = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  [2001:0db8:0000:0001:0000:0000:0000:0100]:0050 rr 
  -> [2001:0db8:0000:0002:0000:0000:0000:0011]:1F90      Masq    1      1          0         
`;
const IPV6_CONNECTIONS = `Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP 2001:0db8:0000:0001:0000:0000:0000:0002 9C41 2001:0db8:0000:0001:0000:0000:0000:0100 0050 C0A8010B 1F90 SYN_RECV         60
`;

const CONNECTIONS = `Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
UDP 0A000003 1388 0A000064 0035 C0A8010B 14E9 UDP             299
TCP 0A000002 9C42 0A000064 0050 C0A8010B 1F90 SYN_RECV         59
IP  0A000002 0000 00000005 0000 C0A8010B 0000 NONE            299
`;

describe('/proc/net/ip_vs', () => {
  test('addresses of IPv6 are in brackets', () => {
    expect(parseServices(IPV6_SERVICES)).toMatchObject([
      { address: '[2001:db8:0:1::100]:80', servers: [{ address: '[2001:db8:0:2::11]:8080', active: 1 }] },
    ]);
    expect(parseConnections(IPV6_CONNECTIONS)).toMatchObject([
      { client: '[2001:db8:0:1::2]:40001', virtual: '[2001:db8:0:1::100]:80', destination: '192.168.1.11:8080' },
    ]);
  });

  test('services and servers come in the order of the listing, addresses in decimal', () => {
    expect(parseServices(SERVICES)).toEqual([
      {
        protocol: 'TCP',
        address: '10.0.0.100:80',
        scheduler: 'rr',
        flags: '',
        servers: [
          { address: '192.168.1.12:80', forward: 'Tunnel', weight: 2, active: 0, inactive: 0 },
          { address: '192.168.1.11:8080', forward: 'Masq', weight: 1, active: 1, inactive: 3 },
        ],
      },
      { protocol: 'UDP', address: '10.0.0.100:53', scheduler: 'wlc', flags: 'persistent 75000 FFFFFFFF', servers: [] },
      {
        protocol: 'FWM',
        address: '5',
        scheduler: 'rr',
        flags: '',
        servers: [{ address: '192.168.1.11:0', forward: 'Route', weight: -1, active: 0, inactive: 0 }],
      },
    ]);
  });

  test.for(['nonsense', '  -> C0A8010B:1F90      Masq    1      1          3'])(
    'a line that fits nowhere is a fault: %s',
    (line) => {
      expect(() => parseServices(line)).toThrow(line);
    },
  );
});

describe('/proc/net/ip_vs_conn', () => {
  test('rows are sorted, endpoints in decimal', () => {
    expect(parseConnections(CONNECTIONS)).toEqual([
      {
        protocol: 'IP',
        client: '10.0.0.2:0',
        virtual: '0.0.0.5:0',
        destination: '192.168.1.11:0',
        state: 'NONE',
        expires: 299,
      },
      {
        protocol: 'TCP',
        client: '10.0.0.2:40002',
        virtual: '10.0.0.100:80',
        destination: '192.168.1.11:8080',
        state: 'SYN_RECV',
        expires: 59,
      },
      {
        protocol: 'UDP',
        client: '10.0.0.3:5000',
        virtual: '10.0.0.100:53',
        destination: '192.168.1.11:5353',
        state: 'UDP',
        expires: 299,
      },
    ]);
  });

  test('the one of origins says who made a connection', () => {
    const text =
      'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n' +
      'TCP 0A000002 9C41 0A000064 0050 C0A8010B 0050 ESTABLISHED SYNC       900\n' +
      'TCP 0A000002 9C42 0A000064 0050 C0A8010B 0050 SYN_RECV    LOCAL       59\n';
    expect(parseOrigins(text)).toMatchObject([
      { client: '10.0.0.2:40001', state: 'ESTABLISHED', origin: 'SYNC', expires: 900 },
      { client: '10.0.0.2:40002', state: 'SYN_RECV', origin: 'LOCAL', expires: 59 },
    ]);
  });

  test('a line that nobody can read is a fault', () => {
    expect(() => parseConnections('TCP what is this')).toThrow("'TCP what is this'");
  });
});
