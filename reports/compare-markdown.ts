import type { RunTarget } from '../conformance/harness/run.ts';
import type { ChangeKind, ComparedRun, Comparison, TargetComparison } from './compare-runs.ts';
import { newlyFailing } from './compare-runs.ts';
import { sectionsOf, type Group, type Section } from './comparison-sections.ts';
import { dateTime } from './date-time.ts';
import { VERDICTS } from './verdict-counts.ts';

/** Characters that GitHub takes in a comment, less some for what goes around it. */
const ROOM = 60_000;
/** Of one kind of change on one target so many are told: the first of these with which the text is not too long. */
const MOST = [50, 20, 5, 0] as const;
/** Characters of one text of the runs, which may be as long as they like. */
const LONGEST = 200;

/** What a reader of the pull request wants to see at once; the rest is folded away. */
const OPEN: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'newly-failing',
  'newly-passing',
  'newly-deviating',
  'other-verdict',
]);

/** A comparison as GitHub's Markdown, for a pull request. Texts of the runs stay text: no markup, no mention, no link. */
export function compareMarkdown(comparison: Comparison): string {
  let text = '';
  for (const most of MOST) {
    text = markdown(comparison, most);
    if (text.length <= ROOM) break;
  }
  return text;
}

function markdown(comparison: Comparison, most: number): string {
  const { a, b, targets, onlyInA, onlyInB } = comparison;
  const failing = newlyFailing(comparison);
  const lines = [
    `### LVS conformance: ${failing === 0 ? 'nothing newly failing' : `${failing} newly failing`}`,
    '',
    '| | run | at | tool |',
    '|---|---|---|---|',
    runRow('A', a),
    runRow('B', b),
    ...targets.flatMap((target) => ['', ...targetLines(target, most)]),
    ...(onlyInA.length + onlyInB.length === 0 ? [] : ['']),
    ...onlyInA.map((target) => `- ${named(target)} is only in A`),
    ...onlyInB.map((target) => `- ${named(target)} is only in B`),
  ];
  return `${lines.join('\n')}\n`;
}

function runRow(letter: string, { name, startedAt, tool }: ComparedRun): string {
  return `| ${letter} | ${code(name)} | ${dateTime(startedAt)} | ${tool.name} ${code(tool.version)} |`;
}

function targetLines(target: TargetComparison, most: number): string[] {
  const { a, b, casesInBoth, changes, counts, notCompared } = target;
  const verdicts = VERDICTS.filter((verdict) => counts.a[verdict] + counts.b[verdict] > 0);
  const [reason] = notCompared;
  return [
    `#### ${a.id === b.id && a.version === b.version ? named(a) : `${named(a)} → ${named(b)}`}`,
    '',
    `| | ${verdicts.join(' | ')} |`,
    `|---|${'---:|'.repeat(verdicts.length)}`,
    `| A | ${verdicts.map((verdict) => counts.a[verdict]).join(' | ')} |`,
    `| B | ${verdicts.map((verdict) => counts.b[verdict]).join(' | ')} |`,
    '',
    `${casesInBoth} ${casesInBoth === 1 ? 'case' : 'cases'} in both${changes.length === 0 ? '; nothing changed' : ''}.`,
    ...sectionsOf(target, most).flatMap((section) => ['', ...sectionLines(section)]),
    ...(reason === undefined
      ? []
      : [
          '',
          `Captures of ${notCompared.length} ${notCompared.length === 1 ? 'case' : 'cases'} were not compared: ${code(reason.reason)}`,
        ]),
  ];
}

function sectionLines(section: Section): string[] {
  const items = [
    ...[...section.areas].flatMap(([area, groups]) => [`- ${code(area)}`, ...groups.flatMap(groupLines)]),
    ...(section.more === 0 ? [] : [`- … and ${section.more} more; \`--json\` has all`]),
  ];
  return OPEN.has(section.kind)
    ? [`**${section.heading}**`, '', ...items]
    : ['<details>', `<summary>${section.heading}</summary>`, '', ...items, '', '</details>'];
}

function groupLines({ verdicts, cases, details }: Group): string[] {
  return [`  - ${verdicts} ${cases.map(code).join(', ')}`, ...details.map((line) => `    - ${code(line)}`)];
}

function named({ id, version }: RunTarget): string {
  return `${code(id)} (${code(version)})`;
}

/**
 * A code span: nothing in it is markup, a mention or a link (CommonMark 0.31 §6.1). Its fence is longer than any run of backticks in it; a
 * bar would end a table's cell. Control characters and line breaks become blanks.
 */
function code(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  const short = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  const fence = '`'.repeat(1 + Math.max(0, ...[...short.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const padding = short.startsWith('`') || short.endsWith('`') ? ' ' : '';
  return short === '' ? '–' : fence + padding + short.replaceAll('|', '¦') + padding + fence;
}
