/** The part of `style.css` for the pictures of what the suite covers. */
export const pictureStyle = `
.explanation { max-width: 80ch; margin: 0 0 0.75rem; color: var(--muted); }
.scale { display: flex; flex-wrap: wrap; gap: 0.35rem 1rem; align-items: center; list-style: none; padding: 0; margin: 0.5rem 0 1rem; font-size: 0.85rem; }
.scale [class] { padding: 0.05rem 0.7rem; border-radius: 4px; }
.level-1 { background: color-mix(in srgb, var(--accent) 13%, var(--background)); } .level-2 { background: color-mix(in srgb, var(--accent) 30%, var(--background)); }
.level-3 { background: color-mix(in srgb, var(--accent) 48%, var(--background)); }
.never { color: var(--muted); background: repeating-linear-gradient(-45deg, transparent 0 5px, var(--surface) 5px 10px); }
.heat table { border-collapse: separate; border-spacing: 3px; font: 11.5px/1.35 var(--mono); width: 100%; min-width: 62rem; table-layout: fixed; } .heat :is(th, td) { border: 0; }
.heat thead th { font-size: 10.5px; padding: 0 0.25rem; } .heat tbody th { padding: 0.4rem 0.2rem; color: var(--muted); } .heat th:first-child { width: 4.5rem; }
.heat td { padding: 0; border-radius: 4px; } .heat .never { padding: 0.45rem 0.4rem; } .heat .differs { box-shadow: inset 0 0 0 2px var(--fail); }
.heat td button { all: unset; box-sizing: border-box; display: block; width: 100%; padding: 0.45rem 0.4rem; cursor: pointer; border-radius: 4px; } .heat td small { display: block; font-size: 10.5px; color: var(--text); }
.heat td button:is(:hover, :focus-visible) { outline: 2px solid var(--accent); }
[popover] { border: 1px solid var(--strong); border-radius: 10px; background: var(--raised); color: var(--text); box-shadow: 0 12px 40px rgb(0 0 0 / 25%); padding: 0.75rem 1.25rem; max-height: 60vh; overflow: auto; font: 14px/1.5 system-ui, sans-serif; }
[popover] ul { padding: 0; margin: 0; list-style: none; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.25rem 2rem; } figure { margin: 0; } figcaption { font-size: 0.9rem; margin-bottom: 0.3rem; min-height: 2.9em; display: flex; align-items: end; }
.chart { display: block; width: 100%; max-width: 36rem; } .chart text { font: 10.5px var(--mono); fill: var(--muted); } .axis text { text-anchor: middle; font-size: 9.5px; }
.chart .ideal { stroke: var(--text); stroke-width: 2; } .chart .tick { stroke: var(--line); } .stated { fill: var(--mark); stroke: var(--deviates); stroke-width: 0.7; }
.target-0 { fill: #3566d8; } .target-1 { fill: #d9822b; } .target-2 { fill: #2a9d8f; } .target-3 { fill: #9d4edd; }
.numbers { margin: 1rem 0; font-size: 0.9rem; } .numbers td:nth-child(n + 3) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; } .numbers thead th { max-width: 8rem; }
.course { fill: none; stroke-width: 2; } .claim { stroke: var(--deviates); stroke-width: 1.5; stroke-dasharray: 6 4; } .chart .tick { fill: none; } ul.explanation { padding-left: 1.2rem; font-size: 0.9rem; }
.method-0 { fill: #3566d8; stroke: #3566d8; } .method-1 { fill: #d9822b; stroke: #d9822b; } .method-2 { fill: #2a9d8f; stroke: #2a9d8f; }
.lifetimes { display: grid; grid-template-columns: minmax(12rem, 26rem) minmax(18rem, 36rem); gap: 0.25rem 1.5rem; align-items: center; font-size: 0.9rem; }
.lifetimes a, .multiples a { text-decoration: none; }
.sides > div { flex: 1 1 20rem; border: 1px solid var(--line); border-radius: 10px; padding: 0.7rem 1rem; } .sides dt { font-weight: 700; }
.changes { width: 100%; table-layout: fixed; } .changes th small { display: block; font-family: var(--mono); } .changes td p { margin: 0.2rem 0; font-size: 0.85rem; color: var(--muted); white-space: pre-wrap; overflow-wrap: anywhere; }
.delta { margin-left: 0.3rem; } .same { color: var(--pass); font-weight: 600; } .comparison { overflow-x: auto; }
@media (max-width: 44rem) { .lifetimes { grid-template-columns: 1fr; } }
`;
