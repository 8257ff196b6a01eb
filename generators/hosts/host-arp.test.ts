import { describe, expect, it } from 'vitest';
import { Clock } from '../../reference/clock.ts';
import type { Layer } from '../../reference/wire/layer.ts';
import { DeviceSettings } from './device-settings.ts';
import { HostAddresses } from './host-addresses.ts';
import { HostArp } from './host-arp.ts';
import { isValidSource } from './source-validation.ts';

const addresses = new HostAddresses({
  port: { name: 'eth0', mac: '02:00:00:00:00:11', addresses: ['192.168.1.11/24', '10.1.0.1/24'], mtu: 1500 },
  devices: { lo: ['127.0.0.1', '10.0.0.100'], tunl0: [], tunl1: ['10.0.0.101'] },
  gateway: '192.168.1.254',
  redirected: ['10.0.0.102'],
  dropsIcmp: false,
  sysctls: {},
});

function arpWith(sysctls: Readonly<Record<string, string>>) {
  const clock = new Clock();
  const sent: Layer[] = [];
  const arp = new HostArp({
    clock,
    addresses,
    settings: new DeviceSettings(sysctls),
    device: 'eth0',
    mac: '02:00:00:00:00:11',
    send: (layers) => sent.push(...layers.filter(({ kind }) => kind === 'arp')),
  });
  const answers = (targetAddress: string, senderAddress = '192.168.1.77') => {
    sent.length = 0;
    arp.receive({ operation: 1, senderMac: '02:00:00:00:00:77', senderAddress, targetAddress });
    return sent.length > 0;
  };
  return { arp, sent, answers, advance: (seconds: number) => clock.advance(seconds * 1000, () => undefined) };
}

describe('ARP of a host', () => {
  // ip-sysctl.rst, arp_ignore: which requests are answered, for the wire's address, another network's on the wire, that of lo.
  it.each([
    ['0', true, true, true],
    ['1', true, true, false],
    ['2', true, false, false],
    ['8', false, false, false],
  ])('with arp_ignore %s answers as documented', (level, wire, otherNetwork, loopback) => {
    const { answers } = arpWith({ 'conf.all.arp_ignore': level });
    expect([answers('192.168.1.11'), answers('10.1.0.1'), answers('10.0.0.100')]).toEqual([
      wire,
      otherNetwork,
      loopback,
    ]);
  });

  it('takes the larger of what all devices and the one device have', () => {
    expect(arpWith({ 'conf.all.arp_ignore': '1', 'conf.eth0.arp_ignore': '0' }).answers('10.0.0.100')).toBe(false);
    expect(arpWith({ 'conf.all.arp_ignore': '0', 'conf.eth0.arp_ignore': '1' }).answers('10.0.0.100')).toBe(false);
    expect(arpWith({ 'conf.lo.arp_ignore': '1' }).answers('10.0.0.100')).toBe(true);
  });

  it('answers for nobody else, for no redirected address, and nobody who claims to be itself', () => {
    const { answers } = arpWith({});
    expect([answers('192.168.1.12'), answers('10.0.0.102'), answers('127.0.0.1')]).toEqual([false, false, false]);
    expect(answers('192.168.1.11', '10.0.0.100')).toBe(false);
  });

  // ip-sysctl.rst, arp_announce.
  it.each([
    ['0', '10.0.0.100', '10.0.0.100'],
    ['1', '10.0.0.100', '192.168.1.11'],
    ['2', '10.0.0.100', '192.168.1.11'],
    ['0', '10.0.0.102', '192.168.1.11'],
  ])('with arp_announce %s and a packet from %s asks as %s', (level, source, announced) => {
    const { arp, sent } = arpWith({ 'conf.all.arp_announce': level });
    arp.resolve('192.168.1.254', source, () => undefined);
    expect(sent).toMatchObject([{ operation: 1, senderAddress: announced, targetAddress: '192.168.1.254' }]);
  });

  it('asks three times, a second apart, and sends what waits when the answer comes', () => {
    const { arp, sent, advance } = arpWith({});
    const found: string[] = [];
    arp.resolve('192.168.1.254', '192.168.1.11', (mac) => found.push(mac));
    arp.resolve('192.168.1.254', '192.168.1.11', (mac) => found.push(mac));
    advance(10);
    expect(sent).toHaveLength(3);
    arp.resolve('192.168.1.254', '192.168.1.11', (mac) => found.push(mac));
    arp.receive({ operation: 2, senderMac: '02:00:00:00:00:5f', senderAddress: '192.168.1.254' });
    arp.resolve('192.168.1.254', '192.168.1.11', (mac) => found.push(mac));
    expect(found).toEqual(['02:00:00:00:00:5f', '02:00:00:00:00:5f']);
    expect(sent).toHaveLength(4);
  });
});

describe('source validation', () => {
  // fib_frontend.c:__fib_validate_source: a client's packet by the wire, unwrapped without and with an address on the tunnel device.
  it.each([
    ['0', true, true, true],
    ['1', true, false, false],
    ['2', true, false, true],
  ])('with rp_filter %s lets pass what it should', (mode, wire, unwrapped, unwrappedWithAddress) => {
    const settings = new DeviceSettings({ 'conf.all.rp_filter': mode });
    const passes = ['eth0', 'tunl0', 'tunl1'].map((device) => isValidSource('10.0.0.2', device, addresses, settings));
    expect(passes).toEqual([wire, unwrapped, unwrappedWithAddress]);
  });

  it.each(['127.0.0.1', '224.0.0.1', '0.0.0.0', '255.255.255.255', '10.0.0.100', '192.168.1.11'])(
    'never believes that %s sent something',
    (source) => expect(isValidSource(source, 'eth0', addresses, new DeviceSettings({}))).toBe(false),
  );
});
