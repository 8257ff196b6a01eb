import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterAll, describe, expect } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { writeCapture } from '../../conformance/captures/write-capture.ts';
import { ethernet, ip, ip6, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { markupErrors } from '../testing/markup-errors.ts';
import { anyRun, hostileText, runWith } from '../testing/runs.ts';
import { casePage } from './case-page.ts';
import { indexPage } from './index-page.ts';
import { ladderOf } from './ladder-of.ts';
import { html } from './markup.ts';
import { english } from './english.ts';
import { pageOf } from './page-of.ts';
import { reportData } from './report-data.ts';
import { sourceLink } from './source-link.ts';
import { writeHtml } from './write-html.ts';

const folder = mkdtempSync(join(tmpdir(), 'html-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const client = '02:00:00:00:00:c2';
const director = '02:00:00:00:00:c1';

function frame(
  port: number,
  direction: 'in' | 'out',
  comment: string | undefined,
  ...layers: readonly Layer[]
): Capture['frames'][number] {
  const bytes = buildPacket(layers);
  return { timeNs: 0n, interface: port, direction, bytes, originalLength: bytes.length, comment };
}

const syn = [ip({ source: '10.0.0.2', destination: '10.0.0.100' }), tcp({ flags: 'S' })];

const capture: Capture = {
  interfaces: [
    { name: 'client', snaplen: 0 },
    { name: 'server', snaplen: 0 },
  ],
  frames: [
    frame(0, 'in', undefined, ethernet({ source: client, destination: director }), ...syn),
    frame(
      1,
      'out',
      'expected: ip 10.0.0.2 — ok',
      ethernet({ source: director, destination: '02:00:00:00:00:11' }),
      ...syn,
    ),
    frame(
      1,
      'out',
      'expected: ip ttl 63 — 1 ip ttl: 64',
      ethernet({ source: director, destination: '02:00:00:00:00:12' }),
      ...syn,
    ),
    frame(0, 'out', 'unexpected frame', ethernet({ source: director, destination: 'ff:ff:ff:ff:ff:ff' }), ...syn),
  ],
};

describe('the ladder', () => {
  const hosts = new Map([
    ['02:00:00:00:00:12', { name: 'server 2', address: '192.168.1.12', address6: '2001:db8:0:2::12' }],
  ]);
  const ladder = ladderOf(capture, hosts, 'director');

  test('has the client side left of the director, the server side right of it', () => {
    expect(ladder.lanes.map(({ name }) => name)).toEqual(['10.0.0.2', 'director', 'server 2', '10.0.0.100']);
  });

  test('draws each frame from its sender to its receiver; one to all goes to the end of its wire', () => {
    expect(ladder.arrows.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 3],
      [1, 2],
      [1, 0],
    ]);
  });

  test('marks what the case judged', () => {
    expect(ladder.arrows.map(({ mark }) => mark)).toEqual(['stimulus', 'expected', 'unexpected', 'unexpected']);
  });

  test('shows of a known host the address of the family that it speaks, and of others their IPv6 address', () => {
    const toServer = (destination: string, ...layers: readonly Layer[]) => ({
      ...capture,
      frames: [frame(1, 'out', undefined, ethernet({ source: director, destination }), ...layers)],
    });
    const laneOf = (one: Capture) => ladderOf(one, hosts, 'director').lanes.at(-1);
    const ipv6 = ip6({ destination: '2001:db8::7' });
    expect(laneOf(toServer('02:00:00:00:00:12', ...syn))).toMatchObject({ name: 'server 2', detail: '192.168.1.12' });
    expect(laneOf(toServer('02:00:00:00:00:12', ipv6))).toMatchObject({ name: 'server 2', detail: '2001:db8:0:2::12' });
    expect(laneOf(toServer('02:00:00:00:00:77', ipv6))).toMatchObject({ name: '2001:db8::7' });
  });

  test('says what each frame is', () => {
    expect(ladder.arrows[0]?.text).toContain('10.0.0.2:');
    expect(ladder.arrows[0]?.text).toContain('tcp S');
  });
});

describe('the pages', () => {
  test.prop([anyRun, hostileText])(
    'whatever the texts, they are well-formed and hold no other element',
    (run, unreadable) => {
      const data = reportData(run, {});
      const pages = [
        indexPage(data),
        ...data.casePages.map((item) =>
          casePage(
            item,
            item.outcomes.map(() => ({ unreadable })),
          ),
        ),
      ];
      for (const text of pages) {
        expect(markupErrors(text)).toEqual([]);
        expect(text.match(/<script[^>]*>/g)).toEqual([
          expect.stringMatching(/^<script src="(\.\.\/)?report\.js" defer="">$/),
        ]);
        expect(text).not.toMatch(/<img|<iframe|<object|(?:href|src)="\s*javascript:/);
      }
    },
  );

  test('tell every verdict by its word', () => {
    for (const verdict of ['pass', 'fail', 'deviates', 'unsupported', 'error'] as const) {
      expect(indexPage(reportData(runWith({ verdict }), {}))).toMatch(
        new RegExp(`<td class="${verdict}" data-zh="[^"]+">\\s*${verdict}\\s*</td>`),
      );
    }
  });

  test('load nothing from elsewhere: links are all there is to other places', () => {
    writeHtml(runWith({}), folder, new Map());
    const text = ['index.html', 'style.css', 'report.js', 'cases/nat--dnat.html']
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
    expect(text).not.toMatch(
      /@import|url\((?!"?data:)|src="(?!(\.\.\/)?report\.js")|<link[^>]*href="(?!(\.\.\/)?style\.css")/,
    );
  });

  test('show the frames of a capture, and say so where one cannot be read', () => {
    mkdirSync(join(folder, 'captures'), { recursive: true });
    writeCapture(join(folder, 'captures/good.pcapng'), capture);
    writeFileSync(join(folder, 'captures/bad.pcapng'), 'no capture');
    const page = (name: string): string => {
      writeHtml(runWith({ capture: `captures/${name}` }), folder, new Map());
      return readFileSync(join(folder, 'cases/nat--dnat.html'), 'utf8');
    };
    const good = page('good.pcapng');
    expect(markupErrors(good)).toEqual([]);
    expect(good.match(/<button type="button" data-frame=/g)).toHaveLength(4);
    expect(good).toContain('href="../captures/good.pcapng"');
    expect(page('bad.pcapng')).toContain(english.captureUnreadable);
  });

  test('explain a deviation by its reason and sources', () => {
    const known = { late: { title: 'A second late', reason: 'Timers tick.', source: ['RFC 793 §3.5'] } };
    const [item] = reportData(runWith({ verdict: 'deviates', deviations: ['late', 'toString'] }), known).casePages;
    const text = item === undefined ? '' : casePage(item, []);
    expect(text).toContain('Timers tick.');
    expect(text).toContain('<a href="https://www.rfc-editor.org/rfc/rfc793#section-3.5">RFC 793 §3.5</a>');
    expect(text).toMatch(
      new RegExp(`<dt>toString</dt>\\s*<dd>\\s*<span data-zh="[^"]+">${english.undocumentedDeviation}`),
    );
  });

  test.each([
    [{ left: 4, right: 6 }, 'frame 7 · 1 ip · ttl · byte 22'],
    [{ left: 4, right: null }, 'frame 5 of the reference · 1 ip · ttl · byte 22'],
  ])('give the place of the first difference as a capture counts frames: %j', (indexes, place) => {
    const firstDifference = {
      frame: 2,
      ...indexes,
      layer: '1 ip',
      field: 'ttl',
      offset: 22,
      expected: '63',
      observed: '64',
    };
    const [item] = reportData(runWith({ verdict: 'fail', firstDifference }), {}).casePages;
    expect(item === undefined ? '' : casePage(item, [])).toContain(`>${place}</span></dd>`);
  });

  test('open at once with 10,000 results: less than 400 bytes each', () => {
    const one = runWith({});
    const many = Array.from({ length: 5000 }, (_, index) => `area-${index % 20}/case-${index}`);
    const targets = ['reference', 'kernel'].map((id) => ({ id, description: '', version: '1', features: [] }));
    const run = {
      ...one,
      targets,
      cases: many.flatMap((id) => one.cases.map((item) => ({ ...item, id }))),
      results: many.flatMap((id) =>
        targets.flatMap((target) => one.results.map((item) => ({ ...item, case: id, target: target.id }))),
      ),
    };
    const start = performance.now();
    const text = indexPage(reportData(run, {}));
    expect(text.length / 10_000).toBeLessThan(400);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('markup', () => {
  test.prop([hostileText])('a hole cannot leave its place, between tags or in quotes', (text) => {
    expect(markupErrors(html`<p title="${text}">${text}</p>`.text)).toEqual([]);
  });

  test('markup stays as it is and lists are joined', () => {
    expect(html`<p>${[html`<b>${'<'}</b>`, 2]}</p>`.text).toBe('<p><b>&lt;</b>2</p>');
  });
});

describe('the page of a case', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', '-', '/', '.', '~', ' ', 'ä', '2', 'd'),
    minLength: 1,
    maxLength: 6,
  });

  test.prop([part, part])('different cases have different pages', (one, other) => {
    fc.pre(one !== other);
    expect(pageOf(one)).not.toBe(pageOf(other));
  });

  test.prop([hostileText])('it is a file in cases/, whatever the id', (id) => {
    expect(pageOf(id)).toMatch(/^cases\/[\w.~-]*\.html$/);
  });
});

describe('a citation', () => {
  test.each([
    ['RFC 1812 §5.3.1', 'https://www.rfc-editor.org/rfc/rfc1812#section-5.3.1'],
    ['RFC 826', 'https://www.rfc-editor.org/rfc/rfc826'],
    ['https://example.org/a', 'https://example.org/a'],
    ['paper P11', null],
    ['javascript:alert(1)', null],
    ['ip_vs_core.c:ip_vs_in_hook', null],
  ])('%s leads to %s', (source, link) => {
    expect(sourceLink(source)).toBe(link);
  });
});
