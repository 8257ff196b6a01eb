import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { MalformedInput } from '../../reference/errors.ts';
import { parseRelayWords, relayWords } from './command-line.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value || 0);

property.prop([share, share, share, fc.maxSafeInteger()])(
  'the words say what was meant',
  (loss, reorder, duplicate, number) => {
    const meant = {
      impairment: { loss, reorder, duplicate, seed: number || 0 },
      interfaces: ['a', 'b'],
    } as const;
    expect(parseRelayWords(relayWords(meant))).toEqual(meant);
  },
);

test.each([
  ['--loss 2 --seed 1 a b', '--loss 2: a share is a number from 0 to 1'],
  ['--reorder= --seed 1 a b', '--reorder : a share is a number from 0 to 1'],
  ['--duplicate x --seed 1 a b', '--duplicate x: a share is a number from 0 to 1'],
  ['--seed x a b', '--seed x: not a whole number'],
  ['a b', 'usage: '],
  ['--seed 1 a', 'usage: '],
  ['--seed 1 a b c', 'usage: '],
  ['--seed 1 --delay 4 a b', 'usage: '],
])('"%s" is refused', (line, said) => {
  expect(() => parseRelayWords(line.split(' '))).toThrow(MalformedInput);
  expect(() => parseRelayWords(line.split(' '))).toThrow(said);
});
