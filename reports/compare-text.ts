import type { ComparedRun, Comparison, TargetComparison } from './compare-runs.ts';
import { sectionsOf } from './comparison-sections.ts';
import { dateTime } from './date-time.ts';
import { VERDICTS } from './verdict-counts.ts';

/** Of one kind of change so many are told; what newly fails is told as a whole. */
const MOST = 40;

/** A comparison for a terminal of so many columns; null: lines as long as they come, as for a file or a pipe. */
export function compareText(comparison: Comparison, columns: number | null): string {
  const { a, b, targets, onlyInA, onlyInB } = comparison;
  const lines = [
    runLine('A', a),
    runLine('B', b),
    ...targets.flatMap((target) => ['', ...targetLines(target)]),
    ...(onlyInA.length + onlyInB.length === 0 ? [] : ['']),
    ...onlyInA.map(({ id, version }) => `${id} (${version}) is only in A`),
    ...onlyInB.map(({ id, version }) => `${id} (${version}) is only in B`),
  ];
  return lines.flatMap((line) => wrap(printable(line), columns)).join('\n') + '\n';
}

function runLine(letter: string, { name, startedAt, tool }: ComparedRun): string {
  return `${letter}  ${dateTime(startedAt)}  ${tool.name} ${tool.version}  ${name}`;
}

function targetLines(target: TargetComparison): string[] {
  const { changes, notCompared } = target;
  const [reason] = notCompared;
  return [
    heading(target),
    ...totals(target),
    ...(changes.length === 0 ? [INDENT + 'nothing changed'] : []),
    ...sectionsOf(target, MOST, Infinity).flatMap((section) => [
      '',
      INDENT + section.heading,
      ...[...section.areas].flatMap(([area, groups]) => [
        `${INDENT.repeat(2)}${area}`,
        ...groups.flatMap(({ verdicts, cases, details }) => [
          `${INDENT.repeat(3)}${verdicts}  ${cases.join(', ')}`,
          ...details.map((line) => INDENT.repeat(5) + line),
        ]),
      ]),
      ...(section.more === 0 ? [] : [`${INDENT.repeat(2)}… and ${section.more} more; --json has all`]),
    ]),
    ...(reason === undefined
      ? []
      : [
          '',
          `${INDENT}captures of ${notCompared.length} ${notCompared.length === 1 ? 'case' : 'cases'} were not compared: ${reason.reason}`,
        ]),
  ];
}

const INDENT = '  ';

function heading({ a, b, casesInBoth }: TargetComparison): string {
  const cases = `${casesInBoth} ${casesInBoth === 1 ? 'case' : 'cases'} in both`;
  const [one, other] = [`${a.id} (${a.version})`, `${b.id} (${b.version})`];
  return `${one === other ? one : `${one} → ${a.id === b.id ? b.version : other}`}: ${cases}`;
}

/** One line a verdict that either run has. */
function totals({ counts }: TargetComparison): string[] {
  const width = Math.max(...VERDICTS.flatMap((verdict) => [counts.a[verdict], counts.b[verdict]]), 0).toString().length;
  return VERDICTS.filter((verdict) => counts.a[verdict] + counts.b[verdict] > 0).map((verdict) => {
    const [before, now] = [counts.a[verdict], counts.b[verdict]];
    const numbers = `${String(before).padStart(width)} → ${String(now).padStart(width)}`;
    const change = now === before ? '' : `  ${now > before ? '+' : '−'}${Math.abs(now - before)}`;
    return `${INDENT}${verdict.padEnd(11)}  ${numbers}${change}`;
  });
}

/** Texts of a run may come from anywhere; what moves a terminal's cursor or turns its writing round is shown by number. */
function printable(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Breaks between words; further lines are set in as the first and two columns more. A word that is longer than a line stays whole. */
function wrap(line: string, columns: number | null): string[] {
  const start = (/^ */.exec(line)?.[0].length ?? 0) + INDENT.length;
  const room = Math.max(columns ?? Infinity, start + LEAST_ROOM);
  const lines: string[] = [];
  let [indent, rest] = ['', line];
  while (indent.length + rest.length > room) {
    const last = rest.lastIndexOf(' ', room - indent.length);
    // The blanks that the line itself begins with are no place to break.
    const cut = rest.slice(0, last).trim() !== '' ? last : rest.indexOf(' ', room - indent.length);
    if (cut === -1) break;
    lines.push(indent + rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
    indent = ' '.repeat(start);
  }
  return [...lines, indent + rest];
}

/** A terminal so narrow that not even this fits breaks lines itself. */
const LEAST_ROOM = 20;
