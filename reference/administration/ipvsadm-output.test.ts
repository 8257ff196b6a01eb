import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { formatAddress, type Address } from '../wire/ip-address.ts';
import type { ServiceCommand, ServiceProtocol, Tunnel } from './command.ts';
import { ipvsadmListing, type ListedServer, type ListedService, type ListingForm } from './ipvsadm-listing.ts';
import { ipvsadmSave } from './ipvsadm-save.ts';
import { inListingOrder } from './listing-order.ts';
import { parseCommand } from './parse-command.ts';

const NOTHING = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
const IPIP: Tunnel = { type: 'ipip', port: 0, checksum: 'none' };
const SETTINGS = { scheduler: 'rr', schedulerFlags: 0, persistence: undefined, onePacket: false, engine: '' };

const server = (fields: Partial<ListedServer> = {}): ListedServer => ({
  address: 0xc0a8010b,
  port: 80,
  method: 'nat',
  tunnel: IPIP,
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  active: 0,
  inactive: 0,
  persistent: 0,
  statistics: { totals: NOTHING, rates: NOTHING },
  ...fields,
});
const service = (fields: Partial<ListedService> = {}): ListedService => ({
  protocol: 6,
  address: 0x0a000064,
  port: 80,
  fwmark: 0,
  settings: SETTINGS,
  statistics: { totals: NOTHING, rates: NOTHING },
  servers: [],
  ...fields,
});
const lines = (services: readonly ListedService[], form: ListingForm = 'plain', exact = false) =>
  ipvsadmListing(services, { form, exact, sorted: true }).split('\n').slice(2, -1);

describe('a listing (ipvsadm.c:print_service_entry)', () => {
  test.each([
    [99_999_999, ' 99999999'],
    [100_000_000, '  100000K'],
    [999_999_999, '  999999K'],
    [1_000_000_000, '    1000M'],
    [99_999_999_999, '   99999M'],
    [100_000_000_000, '     100G'],
    [99_999_999_999_999, '   99999G'],
    [100_000_000_000_000, '     100T'],
  ])('writes %d in nine columns', (number, text) => {
    const totals = { ...NOTHING, outBytes: number };
    const [line = ''] = lines([service({ statistics: { totals, rates: NOTHING } })], 'totals');
    expect(line.endsWith(text), line).toBe(true);
    expect(line).toHaveLength(33 + 5 * 9);
  });

  test('writes a large number out with --exact, whatever its width', () => {
    const totals = { ...NOTHING, outBytes: 123_456_789_012 };
    const [line = ''] = lines([service({ statistics: { totals, rates: NOTHING } })], 'totals', true);
    expect(line.endsWith(' 123456789012'), line).toBe(true);
  });

  test('names marks, families, persistence, engines and one-packet scheduling', () => {
    const persistence = { timeout: 300, netmask: 0xffff_ff00 };
    expect(
      lines([
        service({ fwmark: 5, address: 0, port: 0, settings: { ...SETTINGS, persistence } }),
        service({
          fwmark: 5,
          address: 0n,
          port: 0,
          settings: { ...SETTINGS, persistence: { timeout: 60, netmask: 64 } },
        }),
        service({
          protocol: 17,
          address: 0x20010db8_00000000_00000000_00000001n,
          settings: { ...SETTINGS, persistence: { timeout: 60, netmask: 128 }, engine: 'sip', onePacket: true },
        }),
        service({ protocol: 132 }),
      ]),
    ).toEqual([
      'SCTP 10.0.0.100:80 rr',
      'UDP  [2001:db8::1]:80 rr persistent 60 pe sip ops',
      'FWM  5 rr persistent 300 mask 255.255.255.0',
      'FWM  5 IPv6 rr persistent 60 mask 64',
    ]);
  });

  test.each<[Tunnel, string, string]>([
    [IPIP, 'ipip', '--tun-type ipip'],
    [{ type: 'gue', port: 6080, checksum: 'none' }, 'gue:6080:-c', '--tun-type gue --tun-port 6080 --tun-nocsum'],
    [{ type: 'gue', port: 6080, checksum: 'remcsum' }, 'gue:6080:r+c', '--tun-type gue --tun-port 6080 --tun-remcsum'],
    [{ type: 'gre', port: 0, checksum: 'csum' }, 'gre:+c', '--tun-type gre --tun-csum'],
  ])('shows tunnel %j as %s and saves it as %s', (tunnel, shown, saved) => {
    const tunnelled = service({ servers: [server({ method: 'tunnel', tunnel })] });
    expect(lines([tunnelled], 'tunnels')[1]?.slice(34).trim().split(/\s+/)[1]).toBe(shown);
    expect(ipvsadmSave([tunnelled]).split('\n')[1]).toBe(`-a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 ${saved}`);
  });
});

test('the order of a listing takes differences for signed: 192.168.1.11 stands before 10.0.0.1, and 10.0.0.1 before 11.0.0.1', () => {
  const rows = [0x0b000001, 0x0a000001, 0xc0a8010b].map((address) => server({ address }));
  expect(inListingOrder(rows).map(({ address }) => formatAddress(address))).toEqual([
    '192.168.1.11',
    '10.0.0.1',
    '11.0.0.1',
  ]);
});

const ipv4 = fc.integer({ min: 1, max: 0xdfff_ffff });
const ipv6 = fc.bigInt({ min: 1n, max: (1n << 128n) - 1n });
const address: fc.Arbitrary<Address> = fc.oneof(ipv4, ipv6);
const port = fc.integer({ min: 1, max: 65535 });
const endpoint = fc.record({
  protocol: fc.constantFrom<ServiceProtocol>(6, 17, 132),
  address,
  port,
  fwmark: fc.constant(0),
});
const mark = fc.record({
  protocol: fc.constant<ServiceProtocol>(6),
  address: fc.constantFrom<Address>(0, 0n),
  port: fc.constant(0),
  fwmark: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});
const tunnel = fc.oneof(
  fc.constant(IPIP),
  fc.record({ type: fc.constant('gue' as const), port, checksum: fc.constantFrom('none', 'csum', 'remcsum') }),
  fc.record({ type: fc.constant('gre' as const), port: fc.constant(0), checksum: fc.constantFrom('none', 'csum') }),
);

property.prop([
  fc.oneof(endpoint, mark),
  fc.constantFrom('rr', 'sh', 'mh'),
  fc.nat(3),
  fc.option(fc.integer({ min: 1, max: 31 * 86400 }), { nil: undefined }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.integer({ min: 1, max: 128 }),
  fc.nat(2 ** 31 - 1),
  tunnel,
  address,
])(
  'what is saved is read back as it was, thresholds aside',
  (name, scheduler, schedulerFlags, timeout, mask, prefix, weight, tunnelType, serverAddress) => {
    const netmask = typeof name.address === 'bigint' ? prefix : mask;
    const persistence = timeout === undefined ? undefined : { timeout, netmask };
    const settings = { ...SETTINGS, scheduler, schedulerFlags, persistence };
    // A tunnel may lead to either family; to its server goes the port of the service, except under a mark.
    const tunnelled = server({ address: serverAddress, port: name.port, method: 'tunnel', tunnel: tunnelType, weight });
    const listed = service({ ...name, settings, servers: [tunnelled] });
    const commands: ServiceCommand[] = [
      { kind: 'add-service', service: name, settings },
      {
        kind: 'add-server',
        service: name,
        server: { address: serverAddress, port: name.port },
        settings: { method: 'tunnel', weight, upperThreshold: 0, lowerThreshold: 0, tunnel: tunnelType },
      },
    ];
    expect(ipvsadmSave([listed]).trim().split('\n').map(parseCommand)).toEqual(commands);
  },
);
