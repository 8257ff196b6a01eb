import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { addressSum } from './checksum.ts';
import { fromHex, toHex } from './hex.ts';
import type { TcpFields } from './layer.ts';
import { buildTcp, describeTcp, parseTcp, tcpHeaderLength } from './tcp.ts';

/** The SYN of the capture `http.cap` of the Wireshark wiki, from 145.254.160.237 to 65.208.228.223. */
const SYN = '0d2c005038affe1300000000700222' + '38c30c0000020405b401010402';
const SYN_SOURCE = 0x91fea0ed;
const SYN_DESTINATION = 0x41d0e4df;
const SYN_FIELDS = {
  sourcePort: 3372,
  destinationPort: 80,
  sequence: 951057939,
  acknowledgement: 0,
  headerLength: 28,
  flags: 'S',
  window: 8760,
  checksum: 0xc30c,
  urgent: 0,
  options: '020405b401010402',
};
/** The answer of Linux 6.18 on its loopback to a SYN for a closed port, from 127.0.0.3 to 127.0.0.2. */
const RESET = 'a0269cbc000000007f7a8f965014000065d70000';
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The segment built into bytes full of a5, with `data` behind its header. */
function build(fields: TcpFields, source = 0, destination = 0, data = ''): string {
  const length = tcpHeaderLength(fields);
  const bytes = new Uint8Array(length + data.length / 2).fill(0xa5);
  bytes.set(fromHex(data, 'data'), length);
  buildTcp(view(bytes), 0, bytes.length, fields, addressSum(source) + addressSum(destination));
  expect(toHex(bytes.subarray(length))).toBe(data);
  return toHex(bytes.subarray(0, length));
}

describe('a TCP header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseTcp(view(fromHex(`a5${SYN}`, '')), 1, 28)).toEqual({ kind: 'tcp', ...SYN_FIELDS });
  });

  it('is built with the checksum of a captured SYN', () => {
    const { sourcePort, destinationPort, sequence, flags, window, options } = SYN_FIELDS;
    const fields = { sourcePort, destinationPort, sequence, flags, window, options };
    expect(build(fields, SYN_SOURCE, SYN_DESTINATION)).toBe(SYN);
  });

  it('is built with the checksum of a captured RST', () => {
    const fields = { sourcePort: 40998, destinationPort: 40124, sequence: 0, acknowledgement: 2138738582 };
    expect(build({ ...fields, flags: 'AR', window: 0 }, 0x7f000003, 0x7f000002)).toBe(RESET);
  });

  it('has the data in its checksum', () => {
    // 16-bit words: ports 0, sequence 03e8, length 5 and no flags, window 2000, then 0001 0200; protocol 6, length 23.
    const total = 0x03e8 + 0x5000 + 0x2000 + 0x0001 + 0x0200 + 6 + 23;
    expect(build({}, 0, 0, '000102').slice(32, 36)).toBe((0xffff - total).toString(16));
  });

  it('without fields has sequence 1000, window 8192 and zeros', () => {
    expect(build({ checksum: 0 })).toBe('00000000000003e8000000005000200000000000');
  });

  it('is built as stated where the fields are wrong', () => {
    expect(build({ headerLength: 0, checksum: 0xbad0 }).slice(24, 26)).toBe('00');
    expect(build({ headerLength: 60, checksum: 0xbad0 }).slice(24, 36)).toBe('f0002000bad0');
  });

  it('has options padded with zeros to a multiple of 4', () => {
    expect(build({ options: '030307' }).slice(40)).toBe('03030700');
    expect(build({ options: '030307' }).slice(24, 26)).toBe('60');
  });

  it.each([
    ['', 0x00],
    ['F', 0x01],
    ['S', 0x02],
    ['AS', 0x12],
    ['AP', 0x18],
    ['AR', 0x14],
    ['CES', 0xc2],
    ['UPF', 0x29],
    ['CEUAPRSF', 0xff],
  ])('has for the flags %j the byte %d', (flags, byte) => {
    expect(build({ flags }).slice(26, 28)).toBe(byte.toString(16).padStart(2, '0'));
  });

  test.prop([fc.nat(0xff)])('has flags that come back for any byte', (byte) => {
    const header = SYN.slice(0, 26) + byte.toString(16).padStart(2, '0') + SYN.slice(28);
    const { flags = '?' } = parseTcp(view(fromHex(header, '')), 0, 28);
    expect(build({ flags }).slice(26, 28)).toBe(header.slice(26, 28));
  });

  it.each([
    [8, ['sourcePort', 'destinationPort', 'sequence']],
    [11, ['sourcePort', 'destinationPort', 'sequence']],
    [13, ['sourcePort', 'destinationPort', 'sequence', 'acknowledgement', 'headerLength']],
    [3, ['sourcePort']],
  ])('cut short to %d bytes has the fields %j', (length, fields) => {
    const parsed = parseTcp(view(fromHex(SYN, '')), 0, length);
    expect(Object.keys(parsed)).toEqual(['kind', ...fields]);
    expect({ ...SYN_FIELDS, kind: 'tcp' }).toMatchObject(parsed);
  });

  it('cut short in its options has all fields but these', () => {
    const parsed = parseTcp(view(fromHex(SYN, '')), 0, 20);
    expect({ ...parsed, options: SYN_FIELDS.options }).toEqual({ kind: 'tcp', ...SYN_FIELDS });
    expect(parsed).not.toHaveProperty('options');
  });

  it.each([
    [{ sourcePort: 65536 }, 'tcp.sourcePort: 65536'],
    [{ destinationPort: -1 }, 'tcp.destinationPort: -1'],
    [{ sequence: 2 ** 32 }, 'tcp.sequence: 4294967296'],
    [{ acknowledgement: -1 }, 'tcp.acknowledgement: -1'],
    [{ headerLength: 22 }, 'tcp.headerLength: 22 is not a multiple of 4'],
    [{ window: 65536 }, 'tcp.window: 65536'],
    [{ checksum: 0x10000 }, 'tcp.checksum: 65536'],
    [{ urgent: 0.5 }, 'tcp.urgent: 0.5'],
    [{ options: 'zz' }, "tcp.options: 'zz'"],
    [{ options: '01'.repeat(41) }, 'tcp.options: 44 bytes'],
    [{ flags: 'SA' }, "tcp.flags: 'SA'"],
    [{ flags: 'SS' }, "tcp.flags: 'SS'"],
    [{ flags: 's' }, "tcp.flags: 's'"],
    [{ flags: '.' }, "tcp.flags: '.'"],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [SYN_FIELDS, 'tcp S seq 951057939 win 8760 options 020405b401010402'],
    [
      { flags: 'AS', sequence: 5000, acknowledgement: 1001, window: 8192, options: '' },
      'tcp AS seq 5000 ack 1001 win 8192',
    ],
    [{ flags: '', sequence: 1, acknowledgement: 2 }, 'tcp none seq 1'],
    [{}, 'tcp'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeTcp(fields)).toBe(text);
  });
});
