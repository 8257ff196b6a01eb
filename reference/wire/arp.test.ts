import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildArp, describeArp, isIpv4Arp, parseArp } from './arp.ts';
import { fromHex, toHex } from './hex.ts';

// RFC 826 "Packet format", laid out by hand.
const REQUEST = '0001' + '0800' + '06' + '04' + '0001' + '02000a000002' + '0a000002' + '000000000000' + '0a000064';
const FIELDS = {
  operation: 1,
  senderMac: '02:00:0a:00:00:02',
  senderAddress: '10.0.0.2',
  targetMac: '00:00:00:00:00:00',
  targetAddress: '10.0.0.100',
};
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

describe('an ARP packet', () => {
  it('is parsed wherever it starts', () => {
    expect(parseArp(view(fromHex(`a5${REQUEST}`, '')), 1, 28)).toEqual({ kind: 'arp', ...FIELDS });
  });

  it('is built into every one of its bytes and no other', () => {
    const bytes = new Uint8Array(31).fill(0xa5);
    buildArp(view(bytes), 1, FIELDS);
    expect(toHex(bytes)).toBe(`a5${REQUEST}a5a5`);
  });

  it('without fields is a request with zero addresses', () => {
    const bytes = new Uint8Array(28).fill(0xa5);
    buildArp(view(bytes), 0, {});
    expect(toHex(bytes)).toBe('0001080006040001' + '00'.repeat(20));
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseArp(view(fromHex(REQUEST, '')), 0, 23)).toEqual({
      kind: 'arp',
      operation: 1,
      senderMac: FIELDS.senderMac,
      senderAddress: FIELDS.senderAddress,
    });
  });

  it.each([
    ['of another hardware', '0006080006040001'],
    ['for another protocol', '000186dd06040001'],
    ['with other hardware addresses', '0001080008040001'],
    ['with other protocol addresses', '0001080006100001'],
    ['cut before the end of the operation', '00010800060400'],
  ])('%s is not taken for one of IPv4 over Ethernet', (_what, hex) => {
    expect(isIpv4Arp(view(fromHex(REQUEST, '')), 0, 28)).toBe(true);
    expect(isIpv4Arp(view(fromHex(hex, '')), 0, hex.length / 2)).toBe(false);
  });

  it.each([
    [{ operation: -1 }, 'arp.operation: -1'],
    [{ senderMac: '' }, "arp.senderMac: ''"],
    [{ senderAddress: '10.0.0' }, "arp.senderAddress: '10.0.0'"],
    [{ targetMac: 'x' }, "arp.targetMac: 'x'"],
    [{ targetAddress: '10.0.0.256' }, "arp.targetAddress: '10.0.0.256'"],
  ])('with %o is refused, naming the field', (fields, message) => {
    const build = () => buildArp(view(new Uint8Array(28)), 0, fields);
    expect(build).toThrow(MalformedInput);
    expect(build).toThrow(message);
  });

  it.each([
    [FIELDS, 'arp who-has 10.0.0.100 tell 10.0.0.2'],
    [{ ...FIELDS, operation: 2 }, 'arp reply 10.0.0.2 is-at 02:00:0a:00:00:02'],
    [{ ...FIELDS, operation: 3 }, 'arp operation 3 10.0.0.2 > 10.0.0.100'],
    [{}, 'arp operation ? ? > ?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeArp(fields)).toBe(text);
  });
});
