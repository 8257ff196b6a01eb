import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../wire/address.ts';
import { formatAddress } from '../wire/ip-address.ts';
import { activeCommand, passiveCommand, passiveReply } from './ftp-syntax.ts';

/** `address:port`, and for replies the text that is replaced. */
const active = (text: string, large: 'refused' | 'wrapped' = 'refused') => {
  const endpoint = activeCommand(text, 4, large);
  return endpoint && `${formatAddress(endpoint.address)}:${endpoint.port}`;
};
const reply = (text: string, mode: 'passive' | 'extended passive', large: 'refused' | 'wrapped' = 'refused') => {
  const named = passiveReply(text, mode, 4, large);
  if (named === undefined) return undefined;
  const { address, port, from, to } = named;
  return [address === undefined ? 'none' : formatAddress(address), port, text.slice(from, to)].join(' ');
};

// What is recognised and what is not was observed on Linux 6.1.176 with ip_vs_ftp, unless a test says otherwise.
describe('a client’s wish for passive mode', () => {
  test.each([
    ['PASV\r\n', 'passive'],
    ['pasv\r\n', 'passive'],
    ['xxPASV\r\nyy', 'passive'],
    ['USER x\r\nPASV\r\n', 'passive'],
    ['EPSV\r\n', 'extended passive'],
    ['epsv\r\n', 'extended passive'],
    ['EPSV 1\r\n', 'extended passive'],
    ['EPSV 1\r', 'extended passive'],
    ['PASV\r\nEPSV\r\n', 'passive'],
    ['EPSV\r\nPASV\r\n', 'extended passive'],
  ])('%j is one', (text, mode) => {
    expect(passiveCommand(text, 4)).toBe(mode);
  });

  test.each([
    '',
    'PASV',
    'PASV\r',
    'PASV\n',
    'PASV \r\n',
    'EPSV',
    'EPSV\r',
    'EPSV\n',
    'EPSV 2\r\n',
    'EPSV  1\r\n',
    'EPSV 1',
    'EPSV ALL\r\n',
    // What is not wanted ends the search.
    'EPSV ALL\r\nPASV\r\n',
    'EPSV 2\r\nPASV\r\n',
  ])('%j is none', (text) => {
    expect(passiveCommand(text, 4)).toBeUndefined();
  });
});

describe('a client that waits for the server', () => {
  test.each([
    ['PORT 10,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['port 10,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['PORT   10,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['PORTx 10,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['PORTxyz10,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['PORT 0010,0,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['PORT 10,0,0,2,160,5abc', '10.0.0.2:40965'],
    ['PORT 10,0,0,2,160,5,6\r\n', '10.0.0.2:40965'],
    ['PORT 10,,0,2,160,5\r\n', '10.0.0.2:40965'],
    ['EPRT |1|10.0.0.2|41000|\r\n', '10.0.0.2:41000'],
    ['EPRT  |1|10.0.0.2|41000|\r\n', '10.0.0.2:41000'],
    ['EPRTx |1|10.0.0.2|41000|\r\n', '10.0.0.2:41000'],
    ['EPRT !1!10.0.0.2!41000!\r\n', '10.0.0.2:41000'],
    ['EPRT |1|0010.0.0.2|041000|', '10.0.0.2:41000'],
  ])('%j says where', (text, endpoint) => {
    expect(active(text)).toBe(endpoint);
    expect(active(text, 'wrapped')).toBe(endpoint);
  });

  test.each([
    '',
    'PORT',
    'PORT 10,0,0,2,160,5',
    'PORT 10,0,0,2,160\r\n',
    'PORT 10, 0,0,2,160,5\r\n',
    'PORT xyz10,0,0,2,160,5\r\n',
    ' PORT 10,0,0,2,160,5\r\n',
    'EPRT|1|10.0.0.2|41000|\r\n',
    'EPRT |2|10.0.0.2|41000|\r\n',
    'EPRT |1|10.0.0.2|0|\r\n',
    'EPRT |1|10.0.0.300|41000|\r\n',
    'EPRT |1|10.0.2|41000|\r\n',
    'EPRT |1|10..0.2|41000|\r\n',
    'EPRT |1|.10.0.0.2|41000|\r\n',
    'EPRT |1|10.0.0.2.|41000|\r\n',
    'EPRT |1||41000|\r\n',
    'EPRT |||41000|\r\n',
    'EPRT |1|10.0.0.2|41000\r\n',
  ])('%j does not', (text) => {
    expect(active(text)).toBeUndefined();
    expect(active(text, 'wrapped')).toBeUndefined();
  });

  // ipvs-cases H19: kernels from 6.1.187 refuse them, those before let them wrap.
  test.each([
    ['PORT 300,0,0,2,160,5\r\n', '44.0.0.2:40965'],
    ['PORT 10,0,0,2,300,5\r\n', '10.0.0.2:11269'],
    ['PORT 10,0,0,2,0,0\r\n', '10.0.0.2:0'],
    ['EPRT |1|10.0.0.2|70000|\r\n', '10.0.0.2:4464'],
  ])('%j is refused, or its numbers wrap', (text, wrapped) => {
    expect(active(text)).toBeUndefined();
    expect(active(text, 'wrapped')).toBe(wrapped);
  });
});

describe('a server’s reply to passive mode', () => {
  test.each([
    ['227 Entering Passive Mode (192,168,1,11,200,10).\r\n', '192.168.1.11 51210 192,168,1,11,200,10'],
    ['227 Entering Passive Mode 192,168,1,11,200,10\r\n', '192.168.1.11 51210 192,168,1,11,200,10'],
    ['227 (((192,168,1,11,200,10).\r\n', '192.168.1.11 51210 192,168,1,11,200,10'],
    ['227 (192,168,1,11,200,10,7)\r\n', '192.168.1.11 51210 192,168,1,11,200,10'],
    ['227 (000192,168,001,11,200,10)\r\n', '192.168.1.11 51210 000192,168,001,11,200,10'],
    ['227 (,168,1,11,200,10)\r\n', '0.168.1.11 51210 ,168,1,11,200,10'],
  ])('%j says where', (text, named) => {
    expect(reply(text, 'passive')).toBe(named);
  });

  test.each([
    '227 Entering Passive Mode (192,168,1,11,200,10',
    '227 ( 192,168,1,11,200,10).\r\n',
    '227 x(y192,168,1,11,200,10).\r\n',
    '227 1 (192,168,1,11,200,10)\r\n',
    '227-x (192,168,1,11,200,10)\r\n',
    ' 227 (192,168,1,11,200,10)\r\n',
    '229 x (|||51300|)\r\n',
    // ipvs-cases H15: one half of a reply in two segments, and the other.
    '227 Entering Passive Mode (192,16',
    '8,1,11,200,10).\r\n',
  ])('%j does not', (text) => {
    expect(reply(text, 'passive', 'wrapped')).toBeUndefined();
  });

  test.each([
    ['229 Extended Passive Mode (|||51300|)\r\n', 'none 51300 |||51300|'],
    ['229 x (!!!51300!)\r\n', 'none 51300 !!!51300!'],
    ['229 (|||051300|)\r\n', 'none 51300 |||051300|'],
    ['229 x (|||51300|', 'none 51300 |||51300|'],
    ['229 x (|1|192.168.1.11|51300|)\r\n', '192.168.1.11 51300 |1|192.168.1.11|51300|'],
  ])('%j says where in extended mode', (text, named) => {
    expect(reply(text, 'extended passive')).toBe(named);
  });

  test.each([
    '229 x |||51300|\r\n',
    '229 x (|||0|)\r\n',
    '229 x (|1||51300|)\r\n',
    '229 x (||192.168.1.11|51300|)\r\n',
    '229 (|2|::1|51300|)\r\n',
    '229 (|1|192.168.1.311|51300|)\r\n',
    '229 x ((((50000(\r\n',
    '227 (192,168,1,11,200,10)\r\n',
  ])('%j does not in extended mode', (text) => {
    expect(reply(text, 'extended passive', 'wrapped')).toBeUndefined();
  });

  test.each([
    ['227 (192,168,1,11,300,10)\r\n', 'passive', '192.168.1.11 11274 192,168,1,11,300,10'],
    ['227 (192,168,1,311,200,10)\r\n', 'passive', '192.168.1.55 51210 192,168,1,311,200,10'],
    ['227 (192,168,1,11,0,0)\r\n', 'passive', '192.168.1.11 0 192,168,1,11,0,0'],
    ['227 (,,,,,)\r\n', 'passive', '0.0.0.0 0 ,,,,,'],
    ['229 x (|||70000|)\r\n', 'extended passive', 'none 4464 |||70000|'],
  ] as const)('%j is refused, or its numbers wrap', (text, mode, wrapped) => {
    expect(reply(text, mode)).toBeUndefined();
    expect(reply(text, mode, 'wrapped')).toBe(wrapped);
  });
});

const octet = fc.nat(255);
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const port = fc.integer({ min: 1, max: 65535 });
const numbersOf = (address: string, port: number) => `${address.replaceAll('.', ',')},${port >> 8},${port & 0xff}`;
const delimiter = fc.constantFrom('|', '!', '/', ':', '~', ';');

describe('any endpoint', () => {
  property.prop([address, port, delimiter])('as RFC 959 and RFC 2428 write it is read', (address, port, d) => {
    const endpoint = { address: parseIpv4(address), port };
    expect(activeCommand(`PORT ${numbersOf(address, port)}\r\n`, 4, 'refused')).toEqual(endpoint);
    expect(activeCommand(`EPRT ${d}1${d}${address}${d}${port}${d}\r\n`, 4, 'refused')).toEqual(endpoint);
    expect(passiveReply(`227 =(${numbersOf(address, port)})\r\n`, 'passive', 4, 'refused')).toMatchObject(endpoint);
    const extended = passiveReply(`229 ok (${d}${d}${d}${port}${d})\r\n`, 'extended passive', 4, 'refused');
    expect(extended).toMatchObject({ address: undefined, port });
  });
});

describe('64 KiB made to be slow', () => {
  const many = (text: string) => text.repeat(Math.ceil(65_000 / text.length));
  test.each([
    many('E'),
    many('EPSV'),
    `EPSV${many(' ')}`,
    `PORT${many(' ')}`,
    `PORT ${many('1')}`,
    `PORT ${many('1,')}`,
    `PORT ${many(',')}`,
    `EPRT ${many('1')}`,
    `EPRT |1|${many('1.')}`,
    `EPRT${many('.1')}`,
    `EPRT .1.${many('.')}`,
    `227 ${many('(')}`,
    `227 ${many('(1')}`,
    `227 ${many('1')}`,
    `229 ${many('(')}`,
    `229 (${many('|')}`,
    `229 (${many('1')}`,
    `229 (.1.${many('1.')}`,
    `229 ${many('(1')}`,
  ])('%.12s… is read at once', (text) => {
    const begin = performance.now();
    passiveCommand(text, 4);
    for (const large of ['refused', 'wrapped'] as const) {
      activeCommand(text, 4, large);
      passiveReply(text, 'passive', 4, large);
      passiveReply(text, 'extended passive', 4, large);
    }
    // Quadratic time would be a minute.
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

describe('FTP over IPv6 (RFC 2428)', () => {
  const endpoint = { address: 0x2001_0db8_0000_0000_0000_0000_0000_0002n, port: 40_001 };

  test('a client asks for passive mode with EPSV alone or with the number 2; PASV is a word of IPv4', () => {
    const asked = ['EPSV\r\n', 'EPSV 2\r\n', 'EPSV 1\r\n', 'EPSV ALL\r\n', 'PASV\r\n'];
    const extended = 'extended passive';
    expect(asked.map((text) => passiveCommand(text, 6))).toEqual([extended, extended, undefined, undefined, undefined]);
  });

  test('a client waits for the server where EPRT says, with the number 2; PORT is a word of IPv4', () => {
    expect(activeCommand('EPRT |2|2001:db8::2|40001|\r\n', 6, 'refused')).toEqual(endpoint);
    for (const text of ['EPRT |1|10.0.0.2|40001|', 'EPRT |2|2001:db8::2::|40001|', 'PORT 10,0,0,2,156,65']) {
      expect(activeCommand(`${text}\r\n`, 6, 'refused')).toBeUndefined();
    }
  });

  test('a server names its port, with or without its address', () => {
    const reply = (text: string) => passiveReply(`229 ok (${text})\r\n`, 'extended passive', 6, 'refused');
    expect(reply('|||40001|')).toMatchObject({ address: undefined, port: 40_001 });
    expect(reply('|2|2001:db8::2|40001|')).toMatchObject(endpoint);
    expect(reply('|1|10.0.0.2|40001|')).toBeUndefined();
  });
});
