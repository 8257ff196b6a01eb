import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { findCallId } from './sip-call-id.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const find = (text: string): string | undefined => findCallId(bytesOf(text));
const message = (...headers: readonly string[]): string =>
  ['INVITE sip:bob@biloxi.com SIP/2.0', ...headers, 'Content-Length: 0', '', ''].join('\r\n');

describe('messages of RFC 3261', () => {
  test.each([
    [
      '§4: an INVITE',
      [
        'INVITE sip:bob@biloxi.com SIP/2.0',
        'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds',
        'Max-Forwards: 70',
        'To: Bob <sip:bob@biloxi.com>',
        'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
        'Call-ID: a84b4c76e66710@pc33.atlanta.com',
        'CSeq: 314159 INVITE',
        'Contact: <sip:alice@pc33.atlanta.com>',
        'Content-Type: application/sdp',
        'Content-Length: 142',
        '',
        '',
      ].join('\r\n'),
      'a84b4c76e66710@pc33.atlanta.com',
    ],
    [
      '§20.8: the compact form',
      message('i:f81d4fae-7dec-11d0-a765-00a0c91e6bf6@192.0.2.4'),
      'f81d4fae-7dec-11d0-a765-00a0c91e6bf6@192.0.2.4',
    ],
    ['§7.3.1: names in any case', message('cALL-iD: a@b'), 'a@b'],
    ['§7.3.1: blanks before the colon', message('Call-ID \t: a@b'), 'a@b'],
    ['§7.3.1: a value on a line of its own', message('Call-ID:', ' \ta@b'), 'a@b'],
    ['§25.1: a word without @', message('Call-ID: -.!%*_+`\'~()<>:\\"/[]?{}aZ09'), '-.!%*_+`\'~()<>:\\"/[]?{}aZ09'],
    ['RFC 2543: lines that end with LF', 'ACK sip:b SIP/2.0\nCall-ID: a@b\n', 'a@b'],
    ['RFC 2543: lines that end with CR', 'ACK sip:b SIP/2.0\rCall-ID: a@b\r', 'a@b'],
  ])('%s', (_, text, expected) => {
    expect(find(text)).toBe(expected);
  });
});

describe('what kernel IPVS makes of other messages', () => {
  test.each([
    ['no Call-ID', message('To: Bob'), undefined],
    ['nothing', '', undefined],
    ['the first line is none of headers', 'Call-ID: a@b\r\n', undefined],
    ['a continuation line is none', message('To: Bob', ' Call-ID: a@b'), undefined],
    ['a line without end', 'ACK sip:b SIP/2.0\r\nCall-ID: a@b', undefined],
    ['more on the line', message('Call-ID: a@b;x'), undefined],
    ['a blank behind it', message('Call-ID: a@b '), undefined],
    ['255 bytes', message(`Call-ID: ${'a'.repeat(255)}`), 'a'.repeat(255)],
    ['256 bytes', message(`Call-ID: ${'a'.repeat(256)}`), undefined],
    ['another header that begins with i', message('Identity: x', 'i: a@b'), 'a@b'],
    ['a header whose name goes on after i ends the search', message('i-x: y', 'Call-ID: a@b'), undefined],
    ['a line without colon ends the search', message('Call-ID a@b', 'Call-ID: c@d'), undefined],
    ['an empty one is passed over', message('Call-ID: @b', 'Call-ID: c@d'), 'c@d'],
    ['so is one without domain', message('Call-ID: a@', 'Call-ID: c@d'), 'c@d'],
    ['of two the first counts', message('Call-ID: a@b', 'Call-ID: c@d'), 'a@b'],
    ['one in the body counts', `${message('To: Bob')}\r\nCall-ID: a@b\r\n`, 'a@b'],
    ['letters of Latin-1', message('Call-ID: \u00e4@\u00d8'), '\u00e4@\u00d8'],
    ['signs of Latin-1 are none', message('Call-ID: \u00d7@b'), undefined],
  ])('%s', (_, text, expected) => {
    expect(find(text)).toBe(expected);
  });
});

describe('any bytes', () => {
  const piece = fc.constantFrom('\r', '\n', '\r\n', 'Call-ID', 'i', ':', ' ', '\t', '@', 'word', '\0', '\u00ff', ';');

  property.prop([fc.array(piece, { maxLength: 60 })], { numRuns: 2000 })(
    'a Call-ID is 1 to 255 bytes that stand so in the message, behind a line end and before another',
    (pieces) => {
      const text = pieces.join('');
      const found = find(text);
      if (found === undefined) return;
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThan(256);
      expect(found).not.toMatch(/[\s;\0]/);
      const at = [`${found}\r`, `${found}\n`].map((line) => text.indexOf(line)).filter((index) => index >= 0);
      expect(at.length).toBeGreaterThan(0);
      expect(text.slice(0, text.lastIndexOf(found))).toMatch(/[\r\n](call-id|i)[ \t\r\n]*:/i);
    },
  );

  property.prop([fc.uint8Array({ maxLength: 2000 })])('never throws', (bytes) => {
    const found = findCallId(bytes);
    expect(found === undefined || found.length > 0).toBe(true);
  });

  test('the largest datagram is read in no time', () => {
    for (const line of ['\nCall-ID:@', '\ni:@', '\n', '\r\n ', 'a', '\nCall-ID']) {
      const began = performance.now();
      find(line.repeat(Math.floor(65_507 / line.length)));
      expect(performance.now() - began).toBeLessThan(1000);
    }
  });
});
