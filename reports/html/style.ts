/** A shape as a mask for the verdict's colour: 16 × 16, stroked. */
function shape(path: string): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='2.4' stroke-linecap='round' stroke-linejoin='round'>${path}</svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

/** `style.css`. Colours of text keep a contrast of at least 4.5 to 1 on their background (WCAG 2.2, 1.4.3) in both schemes. */
export const style = `:root {
  color-scheme: light dark;
  --background: #ffffff; --surface: #f5f6f8; --text: #1b1f24; --muted: #59636e; --line: #d5dae0; --link: #0b57c2;
  --pass: #1a7f37; --deviates: #8f5a00; --unsupported: #59636e; --fail: #c4122b; --error: #7a3ec9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #12151a; --surface: #1b2027; --text: #e4e8ed; --muted: #9aa5b1; --line: #343b45; --link: #79b1ff;
    --pass: #4cc76c; --deviates: #e0aa3e; --unsupported: #9aa5b1; --fail: #ff7b83; --error: #c4a1ff;
  }
}
* { box-sizing: border-box; }
body { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; background: var(--background); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0.5rem 0 0.25rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
h1 + p { margin-top: 0; color: var(--muted); }
a { color: var(--link); text-underline-offset: 0.15em; }
a:not(:hover) { text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); }
code, pre, .ladder text { font-family: ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
code { font-size: 0.9em; overflow-wrap: anywhere; }
pre { margin: 0; padding: 0.75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--surface); border-radius: 6px;
  font-size: 13px; }
small { display: block; color: var(--muted); font-size: 0.85em; font-weight: normal; }
h3 small { display: inline; margin-left: 0.5em; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
.meta { color: var(--muted); margin: 0; }

.facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2.5rem; margin: 1rem 0; }
.facts .wide { flex-basis: 100%; }
.facts dt { color: var(--muted); font-size: 0.85em; }
.facts dd { margin: 0; }
blockquote { margin: 1rem 0; padding: 0.5rem 1rem; border-left: 4px solid var(--line); background: var(--surface); }
blockquote p { margin: 0; font-size: 1.05rem; }
footer { color: var(--muted); font-size: 0.85em; margin-top: 0.35rem; }
.deviations dt { font-weight: 600; }
.deviations dd { margin: 0 0 0.75rem; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-size: 0.85em; font-weight: 600; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: normal; }
.totals tbody th { font-weight: 600; min-width: 18rem; }
.totals .version { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 0.85em; }
.number { font-variant-numeric: tabular-nums; font-size: 1.1rem; }
.zero { color: var(--muted); opacity: 0.6; }
.bar { display: flex; gap: 2px; height: 8px; margin-top: 0.4rem; border-radius: 4px; overflow: hidden; }
.bar span { min-width: 3px; background: var(--unsupported); }
.bar .pass { background: var(--pass); } .bar .deviates { background: var(--deviates); }
.bar .fail { background: var(--fail); } .bar .error { background: var(--error); }
.matrix { table-layout: fixed; width: 100%; min-width: 44rem; }
.matrix th:first-child { width: auto; } .matrix td, .matrix thead th:not(:first-child) { width: 9.5rem; }
.matrix td:nth-child(2), .matrix thead th:nth-child(2) { width: 5rem; color: var(--muted); }
.matrix tbody tr:hover { background: var(--surface); }
@media (max-width: 40rem) {
  .matrix { min-width: 0; }
  .matrix th, .matrix td { padding: 0.4rem 0.3rem; }
  .matrix td, .matrix thead th:not(:first-child) { width: 7.2rem; }
  .matrix td:nth-child(2), .matrix thead th:nth-child(2) { display: none; }
  .matrix tbody th { overflow-wrap: anywhere; }
  .totals tbody th { min-width: 11rem; }
}
section { content-visibility: auto; contain-intrinsic-size: auto 500px; }

.verdict { color: var(--unsupported); white-space: nowrap; font-weight: 600; font-size: 0.95rem; }
.verdict::before { content: ''; display: inline-block; width: 1em; height: 1em; margin-right: 0.4em; vertical-align: -0.12em;
  background: currentColor; -webkit-mask: var(--shape) center / contain no-repeat; mask: var(--shape) center / contain no-repeat; }
.verdict.pass { color: var(--pass); --shape: ${shape("<path d='M3 8.5l3.5 3.5L13 4'/>")}; }
.verdict.deviates { color: var(--deviates); --shape: ${shape("<path d='M3 6h10M3 10.5h10M10.5 2.5l-5 11'/>")}; }
.verdict.unsupported { font-weight: normal; --shape: ${shape("<path d='M4 8h8'/>")}; }
.verdict.fail { color: var(--fail); --shape: ${shape("<path d='M3.5 3.5l9 9m0-9l-9 9'/>")}; }
.verdict.error { color: var(--error); --shape: ${shape("<path d='M8 2v7.5M8 13.5v.2'/>")}; }
.verdict.none { font-weight: normal; --shape: none; }

.filter { display: inline-flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 1rem; }
.filter legend { color: var(--muted); font-size: 0.85em; padding: 0 0.4em; }
body:has(#show-imperfect:checked) :is(tr, section).perfect,
body:has(#show-failed:checked) :is(tr, section):is(.perfect, .imperfect) { display: none; }

.outcome { border-top: 1px solid var(--line); margin-top: 2rem; }
.outcome h2 { margin-top: 1.25rem; margin-bottom: 0; }
.outcome h2 .verdict { margin-left: 0.5em; }
.ladder { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem; }
.ladder svg { display: block; }
.ladder text { fill: var(--text); font-size: 12px; }
.ladder .lane text { text-anchor: middle; fill: var(--muted); }
.ladder .lane .name { fill: var(--text); font-weight: 600; }
.ladder .lane line { stroke: var(--line); stroke-width: 1.5; }
.ladder .director line { stroke: var(--muted); stroke-width: 4; }
.ladder .time { text-anchor: end; fill: var(--muted); font-size: 11px; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.5rem 0; padding: 0; list-style: none; color: var(--muted); font-size: 0.85em; }
.legend svg { vertical-align: middle; margin-right: 0.4em; }
.arrow line { stroke: var(--arrow); stroke-width: 1.6; }
.arrow path { fill: var(--arrow); }
.arrow .sign { fill: none; stroke: var(--arrow); stroke-width: 2; }
.arrow.stimulus { --arrow: var(--link); }
.arrow.expected { --arrow: var(--pass); }
.arrow.unexpected { --arrow: var(--fail); }
.arrow.unexpected line { stroke-width: 2.4; stroke-dasharray: 6 3; }
.arrow.unjudged { --arrow: var(--muted); }
`;
