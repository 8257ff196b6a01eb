import { caseStyle } from './case-style.ts';
import { pictureStyle } from './picture-style.ts';

/** A shape as a mask for the verdict's colour: 16 × 16, stroked. */
function shape(path: string): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='black' stroke-width='2.4' stroke-linecap='round' stroke-linejoin='round'>${path}</svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

/** `style.css`. Colours of text keep a contrast of at least 4.5 to 1 on their background (WCAG 2.2, 1.4.3) in both schemes. */
export const style = `:root {
  color-scheme: light dark;
  --background: #fff; --surface: #f5f6f9; --raised: #fff; --text: #171b21; --muted: #566070; --line: #dde1e8; --strong: #b9c0cc;
  --link: #1a4fd0; --accent: #1a4fd0; --onaccent: #fff; --mark: #fff1b8;
  --pass: #18753a; --deviates: #8a5300; --unsupported: #566070; --fail: #bd1028; --error: #7335c4;
  --check: ${shape("<path d='M3 8.5l3.5 3.5L13 4'/>")}; --cross: ${shape("<path d='M3.5 3.5l9 9m0-9l-9 9'/>")};
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #0f1217; --surface: #171b22; --raised: #1c212a; --text: #e6e9ee; --muted: #9da7b5; --line: #2b313b; --strong: #4a5361;
    --link: #8ab4ff; --accent: #8ab4ff; --onaccent: #0b1220; --mark: #4d3f00;
    --pass: #58c77b; --deviates: #e3b04b; --unsupported: #9da7b5; --fail: #ff8189; --error: #c6a6ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--background); color: var(--text); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', 'WenQuanYi Micro Hei', sans-serif; }
main, .bar { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
main { padding-bottom: 5rem; outline: none; }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-block: 0.75rem; border-bottom: 1px solid var(--line); margin-bottom: 1.75rem; }
.bar nav { display: flex; align-items: center; gap: 1.25rem; }
.bar nav a { color: var(--muted); text-decoration: none; padding: 0.2rem 0; }
.bar nav a:hover { color: var(--text); }
.bar nav a[aria-current] { color: var(--text); font-weight: 600; box-shadow: 0 2px var(--accent); }
.brand { font-weight: 800; letter-spacing: 0.06em; background: var(--text); color: var(--background); border-radius: 5px; padding: 0.05rem 0.45rem; font-size: 0.85rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--background); padding: 0.5rem; z-index: 9; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: 1.8rem; line-height: 1.25; letter-spacing: -0.015em; margin: 0 0 0.25rem; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; letter-spacing: -0.01em; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
.lead, .meta { margin: 0; color: var(--muted); }
a { color: var(--link); overflow-wrap: anywhere; text-underline-offset: 0.18em; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
a:hover { text-decoration-color: currentColor; }
code, pre { font-family: var(--mono); } code { font-size: 0.875em; overflow-wrap: anywhere; }
pre { margin: 0; padding: 0.75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--surface); border-radius: 8px; font-size: 13px; }
small { color: var(--muted); font-size: 0.85em; font-weight: normal; }
button, input, select { font: inherit; color: inherit; }
button, select, input[type='search'] { background: var(--raised); border: 1px solid var(--strong); border-radius: 7px; padding: 0.3rem 0.6rem; min-height: 2.2rem; }
button { cursor: pointer; }
.languages { display: flex; }
.languages button { border-color: var(--line); border-radius: 0; min-height: 0; padding: 0.15rem 0.6rem; font-size: 0.85rem; color: var(--muted); }
.languages button:first-child { border-radius: 7px 0 0 7px; border-right: 0; } .languages button:last-child { border-radius: 0 7px 7px 0; }
.languages [aria-pressed='true'] { background: var(--surface); color: var(--text); font-weight: 600; }

.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2.5rem; margin: 1.1rem 0; }
.facts .wide { flex-basis: 100%; } .facts dt { color: var(--muted); font-size: 0.8rem; } .facts dd { margin: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-size: 0.8rem; font-weight: 600; vertical-align: bottom; } tbody th { font-weight: normal; }
.areas { width: 100%; table-layout: fixed; } .areas thead b { color: var(--text); font-size: 1rem; } .areas thead small { display: block; }
.areas th:first-child { width: 9rem; } .areas thead th + th { min-width: 15rem; } .areas .total > * { border-bottom: 2px solid var(--strong); font-weight: 600; }
.share { display: flex; flex-wrap: wrap; align-items: center; gap: 0.1rem 1rem; }
.proportion { flex: 0 1 9rem; display: flex; gap: 2px; height: 8px; border-radius: 4px; overflow: hidden; } .proportion i { min-width: 4px; background: var(--unsupported); }
.proportion .pass { background: var(--pass); } .proportion .deviates { background: var(--deviates); } .proportion .fail { background: var(--fail); } .proportion .error { background: var(--error); }
.counts { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.9rem; } .counts a { text-decoration: none; } .counts a:hover { text-decoration: underline; }

.filter { position: sticky; top: 0; z-index: 2; background: var(--background); border-bottom: 1px solid var(--line); padding: 0.6rem 0; margin: 0 0 0.5rem; }
.filter .row { display: flex; flex-wrap: wrap; align-items: end; gap: 0.6rem 0.9rem; justify-content: space-between; }
.filter .row + .row { margin-top: 0.6rem; align-items: center; }
.filter label:not(.chip) { display: grid; font-size: 0.8rem; color: var(--muted); flex: 0 1 9.5rem; } .filter label > :is(input, select) { font-size: 0.95rem; color: var(--text); width: 100%; }
.filter .search.search { flex: 1 1 16rem; }
.filter fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 0.4rem; } .filter legend { position: absolute; clip-path: inset(50%); }
.chip { display: inline-flex; align-items: center; cursor: pointer; border: 1px solid var(--strong); border-radius: 999px; padding: 0.12rem 0.8rem; font-size: 0.9rem; position: relative; }
.chip input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.chip:has(:checked) { background: var(--text); border-color: var(--text); color: var(--background); } .chip:has(:checked) .verdict { color: inherit; }
.chip:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.count { display: flex; gap: 1rem; align-items: center; margin: 0; } #none { margin: 1.5rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.5rem; margin: 0.75rem 0; font-size: 0.85rem; color: var(--muted); }
.legend div { display: flex; gap: 0.4rem; } .legend dd { margin: 0; }
section[data-area] { content-visibility: auto; contain-intrinsic-size: auto 600px; }
section[data-area] h3 { margin: 1.75rem 0 0.25rem; }
.matrix { table-layout: fixed; width: 100%; } .matrix :is(td, thead th:not(:first-child)) { width: 8.5rem; }
.matrix :is(td, thead th):nth-child(2) { width: 4.5rem; color: var(--muted); }
.matrix th small { font-family: var(--mono); font-size: 0.75rem; margin-left: 0.5rem; overflow-wrap: anywhere; }
.matrix tbody tr:hover { background: var(--surface); }
.matrix tbody a { text-decoration: none; } .matrix tbody a:hover { text-decoration: underline; }

.verdict, .matrix td:nth-child(n + 3) { font-weight: 600; white-space: nowrap; }
:is(.verdict, .matrix td:nth-child(n + 3))::before { content: ''; display: inline-block; width: 0.95em; height: 0.95em; margin-right: 0.4em; vertical-align: -0.12em;
  background: currentColor; -webkit-mask: var(--shape) center / contain no-repeat; mask: var(--shape) center / contain no-repeat; }
.matrix td::before { margin-right: 0.15em; }
:is(.verdict, td).pass { color: var(--pass); --shape: var(--check); }
:is(.verdict, td).deviates { color: var(--deviates); --shape: ${shape("<path d='M3 6h10M3 10.5h10M10.5 2.5l-5 11'/>")}; }
:is(.verdict, td).unsupported { color: var(--unsupported); --shape: ${shape("<path d='M4 8h8'/>")}; }
:is(.verdict, td).fail { color: var(--fail); --shape: var(--cross); }
:is(.verdict, td).error { color: var(--error); --shape: ${shape("<path d='M8 2v7.5M8 13.5v.2'/>")}; }
:is(.verdict, td).none { color: var(--muted); --shape: linear-gradient(transparent); }
.matrix td.fail { box-shadow: inset 3px 0 var(--fail); } .matrix td.error { box-shadow: inset 3px 0 var(--error); }
@media (max-width: 44rem) {
  main, .bar { padding-inline: 1rem; } h1 { font-size: 1.4rem; } .bar, .bar nav { gap: 0.7rem; } .languages button { padding-inline: 0.4rem; }
  .filter { position: static; } .filter label:not(.chip) { flex: 1 1 8rem; }
  .matrix :is(th, td) { padding: 0.45rem 0.25rem; } .matrix :is(td, thead th:not(:first-child)) { width: 6.6rem; font-size: 0.85rem; }
  .matrix :is(td, thead th):nth-child(2) { display: none; } .matrix th small { display: block; margin: 0; }
  .areas th:first-child { width: 6rem; padding-left: 0; } .proportion { flex-basis: 100%; }
}
${caseStyle}${pictureStyle}
@media print {
  .bar, .filter, .turns, .outcomes, .hint, .panel, .actions .button { display: none !important; }
  main { max-width: none; padding: 0; } section[data-area] { content-visibility: visible; } section.outcome[hidden] { display: block !important; }
  tr, .ladder li { break-inside: avoid; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
