import type { Run } from '../../conformance/harness/run.ts';
import { english } from '../html/english.ts';
import { scaleCells } from './scale-cells.ts';
import { scaleRows } from './scale-rows.ts';

const HEADINGS = [
  'director',
  'method',
  'answer',
  'frames to servers',
  'to clients',
  'bytes to servers',
  'to clients',
  'of VS/NAT',
  'servers at 60 µs a frame',
  'papers',
  'measured',
  'servers',
];

/**
 * What one request brings upon a director, and how many servers it carries: a table of Markdown that a terminal shows as well, and beneath it
 * what it takes for granted. Empty where the run has counted nothing.
 */
export function scaleText(run: Run): string {
  const rows = scaleRows(run).map((row) => {
    const cells = scaleCells(row);
    const { framesToServers, framesToClients, bytesToServers, bytesToClients } = cells;
    const counts = [framesToServers, framesToClients, bytesToServers, bytesToClients];
    const { shareOfNat, then, paper, cost, now } = cells;
    return [row.target, cells.method, cells.answer, ...counts, shareOfNat, then, paper, cost, now];
  });
  if (rows.length === 0) return '';
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (isText(column) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(HEADINGS), rule, ...rows.map(line), '', ...NOTES.map((note) => `- ${note}`), ''].join('\n');
}

const NOTES = [english.scaleFrames, english.scaleServers, english.scaleClaim, english.scaleCost];

/** Director and method; the others are numbers. */
const isText = (column: number): boolean => column < 2;

function pad(text: string, width: number, column: number): string {
  return isText(column) ? text.padEnd(width) : text.padStart(width);
}
