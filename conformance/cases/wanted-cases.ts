/**
 * The list of observations of IPVS on a running kernel that the suite grew from: `ipvs-cases A01` in a case's source is its row. Rows by
 * area: A forwarding and headers, B MTU and fragments, C TCP states, D scheduling, E no destination and removal, F ICMP, G persistence and
 * one-packet scheduling, H FTP, I listings and statistics, J IPv6.
 */
const ROWS: Readonly<Record<string, string>> = {
  A: '1 3-13 16-45 47 49-50',
  B: '1-11 13-21 23',
  C: '2-4 7-17 19-31 33-34 36-37 39-40',
  D: '1-4 6-11 13-17 19-24 26-27 29-43',
  E: '1-20 22-46',
  F: '1 4-9 11-23 25-30',
  G: '1-4 7-9 12-17',
  H: '1-10 12-16 18-19',
  I: '1 3-4 6-8 10-11',
  J: '1-5 7-9',
};

/** Rows that are no case, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  I11: 'the defaults of settings: a target takes settings and shows none; each default is what the cases without that setting rest on',
};

/** Every row's id. */
export const WANTED_CASES: readonly string[] = Object.entries(ROWS).flatMap(([area, rows]) => idsOf(area, rows));

/** The rows that the source of a case names: `ipvs-cases A01, B02–B04`. */
export function rowsOf(source: readonly string[]): readonly string[] {
  return source
    .filter((text) => text.startsWith('ipvs-cases '))
    .flatMap((text) => [...text.matchAll(/([A-J])(\d\d)(?:[–-]\1?(\d\d))?/g)])
    .flatMap(([, area = '', first = '', last = first]) => idsOf(area, `${Number(first)}-${Number(last)}`));
}

/** `1 3-5` of area A: A01, A03, A04, A05. */
function idsOf(area: string, ranges: string): readonly string[] {
  return ranges.split(' ').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => `${area}${String(first + index).padStart(2, '0')}`);
  });
}
