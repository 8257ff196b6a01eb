/** A case's page, as a path from the report's folder: `cases/nat--dnat.html`. Different ids have different pages. */
export function pageOf(caseId: string): string {
  // A hyphen beside a slash or another hyphen is escaped, so that `--` is always a slash.
  const name = caseId
    .replace(/[^\w./-]|-(?=[-/])|(?<=[-/])-/gu, (character) => `~${(character.codePointAt(0) ?? 0).toString(16)}~`)
    .replaceAll('/', '--');
  return `cases/${name}.html`;
}
