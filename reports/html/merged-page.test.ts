import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareStoredCaptures } from '../compare-stored-captures.ts';
import { mergeRuns } from '../merge-runs.ts';
import { markupErrors } from '../testing/markup-errors.ts';
import { runInContainers } from '../testing/run-in-containers.ts';
import { runOf } from '../testing/verdicts.ts';
import { english } from './english.ts';
import { knownHosts } from './known-hosts.ts';
import { referenceOf } from './reference-of.ts';
import { writeHtml } from './write-html.ts';

const folder = mkdtempSync(join(tmpdir(), 'merged-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

let page: string;
/** What stands in the section of a target. */
const sectionOf = (target: string): string =>
  page
    .split('<section class="outcome"')
    .slice(1)
    .find((part) => part.includes(`data-target="${target}"`)) ?? '';

describe('the page of a case in containers', () => {
  beforeAll(() => {
    writeHtml(runInContainers(folder), folder, knownHosts());
    page = readFileSync(join(folder, 'cases/vs-dr--http.html'), 'utf8');
  });

  test('is well-formed and has a row a frame, not one for each place where it was seen', () => {
    expect(markupErrors(page)).toEqual([]);
    expect(sectionOf('docker-reference').match(/data-frame="\d+"/g)).toEqual(
      [1, 3, 5, 7, 9].map((number) => `data-frame="${number}"`),
    );
  });

  test('has the bytes of every row, in the order of the rows', () => {
    const json = /<script type="application\/json">([^<]*)/.exec(sectionOf('docker-reference'))?.[1] ?? '';
    const { frames } = JSON.parse(json) as { readonly frames: readonly (readonly [string])[] };
    // Destinations: router, director, server, router, client.
    expect(frames.map(([hex]) => hex.slice(0, 12))).toEqual(
      ['10.1.0.1', '10.2.0.2', '10.2.0.11', '10.2.0.1', '10.1.0.11'].map(
        (address) => `0200${Buffer.from(address.split('.').map(Number)).toString('hex')}`,
      ),
    );
  });

  test('leads to the frame that differs in both ladders, each by the number in its own', () => {
    expect(sectionOf('docker-kernel-6.1').match(/href="#target=[^"]*"/g)).toEqual([
      'href="#target=docker-kernel-6.1&amp;frame=5"',
      'href="#target=docker-reference&amp;frame=5"',
    ]);
    expect(sectionOf('docker-kernel-6.1')).toMatch(/<li class="request first">\s*<button type="button" data-frame="5"/);
  });

  test('does not hold the bytes of two conversations against each other', () => {
    expect(page.match(/"difference":/g)).toHaveLength(2);
    expect(page.match(/"difference":null/g)).toHaveLength(2);
  });

  test('shows what was lost, and says what of the capture was left out', () => {
    expect(sectionOf('docker-kernel-6.1').match(/<li class="lost">/g)).toHaveLength(2);
    expect(sectionOf('docker-reference')).not.toContain('<li class="lost">');
    expect(page.match(/Frames left out: 12 of the middle/g)).toHaveLength(2);
  });

  test('says how the case is run again, and when what was compared', () => {
    expect(page).toContain('npm run containers -- --case vs-dr/http --director docker-kernel-6.1');
    expect(page).toContain('<td>0.3 s</td>');
  });

  test('adds nothing to the coverage of the state tables', () => {
    expect(readFileSync(join(folder, 'pictures.html'), 'utf8')).not.toContain('<td class="level-');
  });

  test('shows what one request brings upon the director, and beneath it what is taken for granted', () => {
    const pictures = readFileSync(join(folder, 'pictures.html'), 'utf8');
    expect(markupErrors(pictures)).toEqual([]);
    const scale = pictures.slice(pictures.indexOf('<h2 id="scale">'));
    expect(scale.match(/<figure>/g)).toHaveLength(4);
    // Two sizes through two directors, at the papers' cost and at the measured one.
    expect(scale.match(/<circle cx="[^"]*" cy="\d+\.\d/g)).toHaveLength(8);
    expect(scale).toContain('<td>VS/DR</td>');
    expect(scale).toContain(english.scaleServers);
  });

  test('tells a case that was not recorded from one in which nothing was sent', () => {
    const other = mkdtempSync(join(folder, 'other-'));
    const outcomes = { 'docker-reference': { 'vs-dr/x': 'pass' }, reference: { 'vs-dr/x': 'pass' } } as const;
    writeHtml(runOf(outcomes), other, knownHosts());
    const text = readFileSync(join(other, 'cases/vs-dr--x.html'), 'utf8');
    expect([text.indexOf(english.notRecorded), text.indexOf(english.noFrames)].every((place) => place > 0)).toBe(true);
  });

  test('stands in one overview with the cases of frames', () => {
    const { run } = mergeRuns([runOf({ reference: { 'nat/x': 'pass' } }), runInContainers(folder)]);
    writeHtml(run, folder, knownHosts());
    const index = readFileSync(join(folder, 'index.html'), 'utf8');
    expect(index.match(/<section data-area="[^"]*"/g)).toEqual([
      '<section data-area="nat"',
      '<section data-area="vs-dr"',
    ]);
    expect(index).toContain('lvs-conformance run; npm run containers');
  });
});

test('two runs are not held against each other frame by frame', () => {
  const run = runInContainers(folder);
  const stored = { name: 'run', folder, run };
  const [one, other] = run.results;
  expect(one === undefined || other === undefined ? null : compareStoredCaptures(stored, stored)(one, other)).toMatch(
    /^the machines choose ports/,
  );
});

describe('what a target is compared with', () => {
  test.each([
    ['kernel-6.1', 'reference'],
    ['docker-kernel-6.1', 'docker-reference'],
    ['docker-kernel-6.1 (2)', 'docker-reference (2)'],
  ])('%s with %s', (target, reference) => {
    expect(referenceOf(target)).toBe(reference);
  });
});
