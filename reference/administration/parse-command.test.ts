import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { Command, ForwardingMethod } from './command.ts';
import { parseCommand } from './parse-command.ts';

const VIP = 0x0a000064;
const RS1 = 0xc0a8010b;
const VIP6 = 0x20010db8_00000000_00000000_00000001n;
const http = { protocol: 6, address: VIP, port: 80, fwmark: 0 } as const;
const IPIP = { type: 'ipip', port: 0, checksum: 'none' } as const;
const plain = { method: 'direct-route', weight: 1, upperThreshold: 0, lowerThreshold: 0, tunnel: IPIP } as const;

/** The settings of a service of which only the scheduler is said. */
const by = (scheduler: string, schedulerFlags = 0) => ({
  scheduler,
  schedulerFlags,
  persistence: undefined,
  onePacket: false,
  engine: '',
});

function refusal(line: string): string {
  try {
    parseCommand(line);
  } catch (error) {
    if (error instanceof MalformedInput || error instanceof UnsupportedFeature) return `${error.id}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('ipvsadm commands', () => {
  test.each<[string, Command]>([
    ['-A -t 10.0.0.100:80 -s rr', { kind: 'add-service', service: http, settings: by('rr') }],
    [
      '--add-service --tcp-service 10.0.0.100:80 --scheduler=wrr',
      { kind: 'add-service', service: http, settings: by('wrr') },
    ],
    ['-At 10.0.0.100:80 -slc', { kind: 'add-service', service: http, settings: by('lc') }],
    [
      '-E -u 10.0.0.100:53 -s wlc',
      {
        kind: 'edit-service',
        service: { protocol: 17, address: VIP, port: 53, fwmark: 0 },
        settings: by('wlc'),
      },
    ],
    ...[
      ['-s sh -b sh-fallback', 1],
      ['-s sh -b sh-port,sh-fallback', 3],
      ['-s mh -b mh-port', 2],
      ['-s mh --sched-flags=flag-3,mh-port,flag-3', 6],
      ['-s rr -b flag-1', 1],
    ].map(([text, schedulerFlags]): [string, Command] => [
      `-A -t 10.0.0.100:80 ${text}`,
      {
        kind: 'add-service',
        service: http,
        settings: by(String(text).slice(3, 5), Number(schedulerFlags)),
      },
    ]),
    ['-D -t 10.0.0.100:80', { kind: 'delete-service', service: http }],
    [
      '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 3 -x 20 -y 10',
      {
        kind: 'add-server',
        service: http,
        server: { address: RS1, port: 8080 },
        settings: { method: 'nat', weight: 3, upperThreshold: 20, lowerThreshold: 10, tunnel: IPIP },
      },
    ],
    [
      '--edit-server --tcp-service 10.0.0.100:80 --real-server 192.168.1.11 --ipip --weight=0 --tun-type ipip',
      {
        kind: 'edit-server',
        service: http,
        server: { address: RS1, port: 80 },
        settings: { ...plain, method: 'tunnel', weight: 0 },
      },
    ],
    [
      '-d -t 10.0.0.100:80 -r 192.168.1.11:8080',
      { kind: 'delete-server', service: http, server: { address: RS1, port: 8080 } },
    ],
    ['-C', { kind: 'clear' }],
    ['--clear', { kind: 'clear' }],
    ['-Z', { kind: 'zero' }],
    ['-Z -t 10.0.0.100:80', { kind: 'zero', service: http }],
    ['--set 900 120 300', { kind: 'set-timeouts', tcp: 900, tcpFin: 120, udp: 300 }],
  ])('%s', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test.each<[string, object]>([
    ['-A -t 10.0.0.100:80 -p', { settings: { persistence: { timeout: 360, netmask: 0xffff_ffff } } }],
    [
      '-A -t 10.0.0.100:80 -p -s rr',
      { settings: { ...by('rr'), persistence: { timeout: 360, netmask: 0xffff_ffff } } },
    ],
    [
      '-A -t 10.0.0.100:80 -p 300 -M 255.255.255.0',
      { settings: { persistence: { timeout: 300, netmask: 0xffff_ff00 } } },
    ],
    [
      '-A -t 10.0.0.100 --persistent=300',
      { service: { ...http, port: 0 }, settings: { persistence: { timeout: 300 } } },
    ],
    ['-A -t [2001:db8::1]:80 -p 300 -M 64', { settings: { persistence: { timeout: 300, netmask: 64 } } }],
    ['-A -t [2001:db8::1]:80 -p', { settings: { persistence: { timeout: 360, netmask: 128 } } }],
    ['-A -u 10.0.0.100:53 -s rr -o', { settings: { ...by('rr'), onePacket: true } }],
    ['-A -f 7 -o', { settings: { onePacket: true } }],
    ['-A -u 10.0.0.100:5060 --pe sip -p', { settings: { engine: 'sip' } }],
  ])('%s: persistence, engine, one packet', (line, settings) => {
    expect(parseCommand(line)).toMatchObject(settings);
  });

  test.each<[string, object]>([
    ['-D -f 5', { protocol: 6, address: 0, port: 0, fwmark: 5 }],
    ['-D -f 4294967295 -6', { protocol: 6, address: 0n, port: 0, fwmark: 0xffff_ffff }],
    ['-D --sctp-service 10.0.0.100:90', { protocol: 132, address: VIP, port: 90, fwmark: 0 }],
    ['-D -t [2001:db8::1]:80', { protocol: 6, address: VIP6, port: 80, fwmark: 0 }],
    ['-D -u 2001:db8::1', { protocol: 17, address: VIP6, port: 0, fwmark: 0 }],
  ])('%s: services of marks, SCTP and IPv6', (line, service) => {
    expect(parseCommand(line)).toEqual({ kind: 'delete-service', service });
  });

  test.each<[string, object]>([
    ['-i --tun-type gue --tun-port 6080 --tun-nocsum', { type: 'gue', port: 6080, checksum: 'none' }],
    ['-i --tun-type gue --tun-port 6080', { type: 'gue', port: 6080, checksum: 'none' }],
    ['-i --tun-type gue --tun-port 6080 --tun-remcsum', { type: 'gue', port: 6080, checksum: 'remcsum' }],
    ['-i --tun-type gre --tun-csum', { type: 'gre', port: 0, checksum: 'csum' }],
  ])('%s: tunnels', (options, tunnel) => {
    expect(parseCommand(`-a -t 10.0.0.100:80 -r 192.168.1.11 ${options}`)).toMatchObject({
      settings: { method: 'tunnel', tunnel },
    });
  });

  test('a server of a mark keeps the port it is given, whatever the method', () => {
    expect(parseCommand('-a -f 5 -r 192.168.1.11:8080 -g')).toMatchObject({ server: { port: 8080 } });
    expect(parseCommand('-a -f 5 -r 192.168.1.11 -m')).toMatchObject({ server: { port: 0 } });
  });

  test('a tunnel may lead to a server of the other family', () => {
    expect(parseCommand('-a -t 10.0.0.100:80 -r [2001:db8::1]:80 -i')).toMatchObject({ server: { address: VIP6 } });
    expect(parseCommand('-a -t [2001:db8::1]:80 -r 192.168.1.11 -i')).toMatchObject({ server: { address: RS1 } });
  });

  test.each<[string, Command]>([
    [
      '--start-daemon master',
      {
        kind: 'start-daemon',
        role: 'master',
        interfaceName: 'eth0',
        syncId: 0,
        maxLength: 0,
        group: undefined,
        port: 0,
        ttl: 0,
      },
    ],
    [
      '--start-daemon backup --mcast-interface server --syncid 255 --sync-maxlen 1400 --mcast-group 224.0.0.82 --mcast-port 8849 --mcast-ttl 2',
      {
        kind: 'start-daemon',
        role: 'backup',
        interfaceName: 'server',
        syncId: 255,
        maxLength: 1400,
        group: 0xe0000052,
        port: 8849,
        ttl: 2,
      },
    ],
    ['--stop-daemon backup', { kind: 'stop-daemon', role: 'backup' }],
  ])('%s', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test('the default scheduler is wlc, also for -E (ipvsadm.c:process_options)', () => {
    expect(parseCommand('-A -t 10.0.0.100:80')).toMatchObject({ settings: { scheduler: 'wlc' } });
    expect(parseCommand('-E -t 10.0.0.100:80')).toMatchObject({ settings: { scheduler: 'wlc' } });
  });

  test('the default is direct routing with weight 1, also for -e', () => {
    expect(parseCommand('-a -t 10.0.0.100:80 -r 192.168.1.11')).toMatchObject({ settings: plain });
    expect(parseCommand('-e -t 10.0.0.100:80 -r 192.168.1.11')).toMatchObject({ settings: plain });
  });

  test.each(['-g', '-i', ''])('a server of method "%s" gets the port of the service', (method) => {
    expect(parseCommand(`-a -t 10.0.0.100:80 -r 192.168.1.11:8080 ${method}`)).toMatchObject({ server: { port: 80 } });
  });

  test('a server named before its service has no port to take over', () => {
    expect(parseCommand('-a -r 192.168.1.11 -t 10.0.0.100:80 -m')).toMatchObject({ server: { port: 0 } });
  });

  const address = fc.integer({ min: 0, max: 0xffff_ffff });
  const port = fc.integer({ min: 1, max: 65535 });
  const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  const method = fc.constantFrom<[string, ForwardingMethod]>(['-m', 'nat'], ['-i', 'tunnel'], ['-g', 'direct-route']);

  property.prop([fc.constantFrom('-t', '-u'), address, port, address, port, method, number, number, number])(
    'a server line as ipvsadm-save writes it is read back whole, whatever the order of its options',
    (flag, vip, vport, rip, rport, [letter, name], weight, upper, lower) => {
      const options = [letter, `-w ${weight}`, `-x ${upper}`, `-y ${lower}`];
      const head = `-a ${flag} ${formatIpv4(vip)}:${vport} -r ${formatIpv4(rip)}:${rport}`;
      const expected = {
        kind: 'add-server',
        service: { protocol: flag === '-t' ? 6 : 17, address: vip, port: vport, fwmark: 0 },
        server: { address: rip, port: name === 'nat' ? rport : vport },
        settings: { method: name, weight, upperThreshold: upper, lowerThreshold: lower, tunnel: IPIP },
      };
      expect(parseCommand(`${head} ${options.join(' ')}`)).toEqual(expected);
      expect(parseCommand(`${head} ${options.reverse().join('\t')} `)).toEqual(expected);
    },
  );
});

describe('what ipvsadm refuses, with its own words and the word at fault', () => {
  test.each([
    ['', 'no command given'],
    ['ipvsadm -A -t 10.0.0.100:80', "'ipvsadm' is not a command"],
    ['-t 10.0.0.100:80 -A', "'-t' is not a command"],
    ['-A -D -t 10.0.0.100:80', "invalid option '-D'; one line holds one command"],
    ['-A -t 10.0.0.100:80 -t 10.0.0.101:80', "multiple 'service-address' options specified"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -g -m', "multiple 'forwarding-method' options specified"],
    ['-A', "You need to supply the 'service-address' option for the 'add-service' command"],
    ['-a -t 10.0.0.100:80', "You need to supply the 'real-server' option for the 'add-server' command"],
    ['-A -t 10.0.0.100:80 -r 192.168.1.11', "Illegal 'real-server' option with the 'add-service' command"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -s rr', "Illegal 'scheduler' option with the 'add-server' command"],
    ['-C -t 10.0.0.100:80', "Illegal 'service-address' option with the 'flush' command"],
    ['-A -t 10.0.0.100:80 extra', 'unexpected argument extra'],
    ['-A -t 10.0.0.100:80 -j', '-j: unknown option'],
    ['-A -t 10.0.0.100:80 --nonsense', '--nonsense: unknown option'],
    ['-A -t', '-t: missing argument'],
    ['-A -t 10.0.0.100:80 --scheduler', '--scheduler: missing argument'],
    ['--add-service=yes -t 10.0.0.100:80', '--add-service takes no value'],
    ['-A -t 10.0.0.256:80', "illegal virtual server address[:port] specified: '10.0.0.256'"],
    ['-A -t www:80', "illegal virtual server address[:port] specified: 'www'"],
    ['-A -t 80', "illegal virtual server address[:port] specified: '80'"],
    [
      '-A -t 10.0.0.100:http',
      "illegal virtual server address[:port] specified: '10.0.0.100:http'; 'http' is not a port",
    ],
    [
      '-A -t 10.0.0.100:65536',
      "illegal virtual server address[:port] specified: '10.0.0.100:65536'; '65536' is not a port",
    ],
    ['-A -t 10.0.0.100:', "illegal virtual server address[:port] specified: '10.0.0.100:'; '' is not a port"],
    ['-A -t 10.0.0.100', 'Zero port specified for non-persistent service'],
    ['-A -t 10.0.0.100:0', 'Zero port specified for non-persistent service'],
    ['-A -t 10.0.0.100:80 -p 0', "invalid timeout value '0' specified"],
    ['-A -t 10.0.0.100:80 -p 2678401', "invalid timeout value '2678401' specified"],
    ['-A -t 10.0.0.100:80 -o', 'One-Packet Scheduling is only for UDP virtual services'],
    ['-A -t 10.0.0.100:80 -s sh -b sh-porter', "invalid scheduler flag 'sh-porter'"],
    ['-A -t 10.0.0.100:80 -s sh -b sh-1', "invalid scheduler flag 'sh-1'"],
    ['-A -t 10.0.0.100:80 -s sh -b flag-port', "invalid scheduler flag 'flag-port'"],
    ['-A -t 10.0.0.100:80 -s rr -b sh-port', "incompatible scheduler flag 'sh-port'"],
    ['-A -f 0', "invalid fwmark value '0' specified"],
    ['-A -t 10.0.0.100:80 -6', '-6 used before -f'],
    ['-a -t 10.0.0.100:80 -r 192.168.1', "illegal real server address[:port] specified: '192.168.1'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -w -1', "illegal weight specified: '-1'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -w 2147483648', "illegal weight specified: '2147483648'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -w many', "illegal weight specified: 'many'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -x 1.5', "illegal u_threshold specified: '1.5'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -y x', "illegal l_threshold specified: 'x'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -m --tun-type ipip', 'Tunnel options conflict with forward method'],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -i --tun-type vxlan', "illegal tunnel type specified: 'vxlan'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -i --tun-type gue', "You need to supply the 'tun-port' option"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -i --tun-type gue --tun-port 0', "illegal tunnel port specified: '0'"],
    ['-a -t 10.0.0.100:80 -r 192.168.1.11 -i --tun-csum', "Illegal 'tun-csum' option with the 'ipip' tunnel type"],
    [
      '-a -t 10.0.0.100:80 -r 192.168.1.11 -i --tun-type gre --tun-nocsum --tun-csum',
      "The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gre' tunnel type",
    ],
    ['-a -t 10.0.0.100:80 -r [2001:db8::2]:80 -m', 'Different address family is allowed only for tunneling servers'],
    ['-a -t [2001:db8::1]:80 -r 192.168.1.11', 'Different address family is allowed only for tunneling servers'],
    ['-A -t [2001:db8::1] -p', "illegal virtual server address[:port] specified: '[2001:db8::1]'"],
    ['-A -t [2001:db8::g]:80', "illegal virtual server address[:port] specified: '2001:db8::g'"],
    ['-A -t [2001:db8::1]:80 -p -M 129', "illegal ipv6 netmask specified: '129'"],
    ['-A -t [2001:db8::1]:80 -p -M 255.255.255.0', "illegal ipv6 netmask specified: '255.255.255.0'"],
    ['-A -6 -f 5', '-6 used before -f; write it behind'],
    ['--start-daemon', "specify 'master' or 'backup'"],
    ['--start-daemon both', "illegal start-daemon parameter specified: 'both'"],
    ['--start-daemon master backup', 'unexpected argument backup'],
    ['--start-daemon master --syncid 256', "illegal syncid specified: '256'"],
    ['--start-daemon master --mcast-group everybody', "invalid IPv4 mcast-group 'everybody'"],
    ['--start-daemon master --mcast-group 10.0.0.1', "invalid IPv4 mcast-group '10.0.0.1'"],
    ['--start-daemon master --mcast-group fe80::1', "invalid IPv6 mcast-group 'fe80::1'"],
    ['--stop-daemon master --mcast-port 1', "Illegal 'mcast-port' option with the 'stop-daemon' command"],
    ['--start-daemon master --mcast-interface interface-0123456', "multicast interface name 'interface-0123456'"],
    ['--set 1 2', '--set option requires 3 timeout values'],
    ['--set 1 2 3 4', 'unexpected argument 4'],
    ['--set 1 2 x', "invalid timeout value 'x' specified"],
  ])('%s', (line, message) => {
    expect(refusal(line).startsWith(`malformed-input: ${message}`), refusal(line)).toBe(true);
  });

  property.prop([fc.string()])('any other text is refused with one line, or accepted', (text) => {
    expect(refusal(text)).toMatch(/^[^\n]+$/);
  });
});

test.each(['-L -n', '--save -n', '-R'])('%s changes nothing, and stands in no rules', (line) => {
  expect(refusal(line)).toMatch(/^malformed-input: \S+ changes nothing; leave it out$/);
});
