import { describe, expect, test } from 'vitest';
import { loadsBy } from '../testing/loads.ts';
import { runOf } from '../testing/verdicts.ts';
import { scaleText } from './scale-text.ts';

const run = runOf({
  'docker-reference': { 'vs-dr/scale': { loads: loadsBy('direct-route') }, 'vs-nat/scale': { loads: loadsBy('nat') } },
  'docker-kernel-6.1': {
    'vs-nat/scale': { loads: loadsBy('nat').map((load) => ({ ...load, secondsPerFrame: null })) },
  },
});
const lines = scaleText(run).split('\n');
const cells = (line: string | undefined): string[] =>
  (line ?? '')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('the table of scale', () => {
  test('is empty where nothing was counted', () => {
    expect(scaleText(runOf({ reference: { 'nat/x': 'pass' } }))).toBe('');
  });

  test('is a table of Markdown whose columns stand below each other in a terminal', () => {
    const table = lines.filter((line) => line.startsWith('|'));
    expect(new Set(table.map(({ length }) => length)).size).toBe(1);
    expect(table[1]).toMatch(/^\|(-+:?\|){12}$/);
  });

  test('has a row for each director, method and size, the methods in the order of the papers', () => {
    expect(lines.slice(2, 8).map((line) => cells(line).slice(0, 3).join(' '))).toEqual([
      'docker-reference VS/NAT 1,000',
      'docker-reference VS/NAT 1,000,000',
      'docker-reference VS/DR 1,000',
      'docker-reference VS/DR 1,000,000',
      'docker-kernel-6.1 VS/NAT 1,000',
      'docker-kernel-6.1 VS/NAT 1,000,000',
    ]);
  });

  test('has what was counted, beside VS/NAT, and the servers by the cost of the papers and by the measured one', () => {
    // 6 frames of 10; 1 / (60 µs × 6 × 400/s) and 1 / (100 µs × 6 × 400/s) servers.
    expect(cells(lines[4]).slice(3)).toEqual(['6.0', '0.0', '420', '0', '60 %', '6.9', '100', '100 µs', '4.2']);
    // 12.5 MB/s of the link for 1.037 MB of 0.4 requests a second; 1 / (100 µs × 1040 × 0.4/s).
    expect(cells(lines[3]).slice(3)).toEqual([
      ...['350.0', '690.0', '24,500', '1,037,000', '100 %'],
      ...['30', '10–20', '100 µs', '24'],
    ]);
  });

  test('leaves out what was not measured, and says beneath what is taken for granted', () => {
    expect(cells(lines[6]).slice(-2)).toEqual(['', '']);
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(4);
  });
});
