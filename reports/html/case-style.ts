/** The part of `style.css` for the page of a case: ladder, frame view. */
export const caseStyle = `
.turns { display: flex; justify-content: space-between; margin: -0.75rem 0 1rem; } .turns a { text-decoration: none; }
.id { margin: 0; color: var(--muted); }
blockquote { margin: 1.1rem 0; padding: 0.7rem 1.1rem; border-left: 4px solid var(--accent); background: var(--surface); border-radius: 0 8px 8px 0; }
blockquote p { margin: 0; font-size: 1.08rem; max-width: 70ch; } footer { color: var(--muted); font-size: 0.85rem; margin-top: 0.35rem; }
.outcomes { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 2rem; }
.outcomes a { border: 1px solid var(--line); border-radius: 9px; padding: 0.45rem 0.9rem; color: inherit; text-decoration: none; }
.outcomes a:hover { border-color: var(--strong); } .outcomes .verdict { margin-left: 0.6rem; font-size: 0.9rem; }
.tabs { border-bottom: 1px solid var(--line); gap: 0.25rem; }
.tabs a { border: 1px solid transparent; border-bottom: 0; border-radius: 9px 9px 0 0; white-space: nowrap; margin-bottom: -1px; }
.tabs a[aria-current] { border-color: var(--line); background: var(--background); box-shadow: inset 0 2px var(--accent); }
.outcome h2 { margin: 1.5rem 0 0; } .outcome h2 .verdict { margin-left: 0.5em; font-size: 1rem; } .tabs ~ .outcome h2 { font-size: 1rem; }
.deviations dt { font-weight: 600; } .deviations dd { margin: 0 0 0.75rem; max-width: 80ch; }
.difference { border: 1px solid var(--deviates); border-radius: 8px; padding: 0.7rem 1rem; }
.hint { white-space: pre-line; margin: -0.4rem 0 0.6rem; color: var(--muted); font-size: 0.85rem; }
.ladder { --left: 3.2rem; --width: calc(var(--lane) * var(--lanes)); overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; font: 12.5px/26px var(--mono); }
.ladder.merged { --left: 5.2rem; } .ladder.merged .note { color: var(--muted); } .ladder .heads span { white-space: pre-line; }
.ladder .heads { display: flex; padding: 0.5rem 0 0.35rem var(--left); border-bottom: 1px solid var(--line); min-width: max-content; background: var(--surface); }
.ladder .heads span { width: var(--lane); text-align: center; font-size: 11.5px; line-height: 1.35; color: var(--muted); } .ladder .heads b { display: block; color: var(--text); font-family: system-ui, sans-serif; }
.ladder .heads b span { width: auto; font: inherit; color: inherit; }
.ladder ol { list-style: none; margin: 0; padding: 0.25rem 0; min-width: max-content;
  position: relative; z-index: 0; }
.ladder ol::before { content: ''; position: absolute; z-index: -1; inset: 0 auto 0 var(--left); width: var(--width);
  background: linear-gradient(var(--strong) 0 0) calc(var(--lane) * (var(--director) + 0.5) - 2px) 0 / 4px 100% no-repeat,
    linear-gradient(to right, transparent calc(50% - 1px), var(--line) calc(50% - 1px) calc(50% + 1px), transparent 0) 0 0 / var(--lane) 100%; }
.ladder li > :is(button, div) { all: unset; box-sizing: border-box; display: flex; align-items: center; gap: 0; width: 100%; min-width: max-content; height: 26px; padding-right: 0.75rem; }
.ladder li > button { cursor: pointer; } .ladder li > button:hover { background: color-mix(in srgb, var(--accent) 9%, transparent); }
.ladder li > button[aria-pressed='true'] { background: color-mix(in srgb, var(--accent) 16%, transparent); box-shadow: inset 3px 0 var(--accent); }
.ladder li > button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.ladder .n { width: var(--left); padding-right: 0.9rem; text-align: right; color: var(--muted); flex: none; } .ladder svg { flex: none; }
.ladder .gap { padding: 0.1rem 0 0.1rem var(--left); } .ladder .gap span { display: block; width: var(--width); text-align: center; font-size: 11.5px; color: var(--muted);
  background: repeating-linear-gradient(-45deg, var(--surface) 0 6px, var(--background) 6px 12px); border-block: 1px dashed var(--strong); line-height: 20px; }
.ladder .arp .text { color: var(--muted); } .ladder .arp svg { opacity: 0.55; }
.ladder .note { margin: 0 1rem 0.3rem calc(var(--left) + var(--width) + 1.6rem); line-height: 1.4; color: var(--fail); max-width: 60rem; white-space: pre-wrap; }
.stimulus, .request { --arrow: var(--link); } .answer { --arrow: var(--pass); } .lost, .unsent { --arrow: var(--fail); --sign: var(--cross); } .expected { --arrow: var(--pass); --sign: var(--check); } .unexpected { --arrow: var(--fail); --sign: var(--cross); } .unjudged, .other { --arrow: var(--muted); } .ghost { --arrow: var(--deviates); }
:is(.ladder, .key) path { fill: var(--arrow); } :is(.ladder, .key) .shaft { fill: none; stroke: var(--arrow); stroke-width: 1.8; }
:is(.unexpected, .ghost, .lost, .unsent) .shaft { stroke-dasharray: 6 3; stroke-width: 2.4; }
.sign { display: inline-block; position: relative; flex: none; width: 14px; height: 14px; margin: 0 0.4rem; background: var(--arrow); -webkit-mask: var(--sign, linear-gradient(transparent)) center / contain no-repeat; mask: var(--sign, linear-gradient(transparent, transparent)) center / contain no-repeat; }
.ladder .first { background: var(--mark); } .flag { font: 600 11px/18px system-ui, sans-serif; background: var(--deviates); color: var(--background); border-radius: 4px; padding: 0 0.45rem; margin-left: 0.75rem; }
.ghost .text { color: var(--deviates); font-style: italic; }
.state { font-size: 11px; line-height: 17px; margin-left: 0.7rem; border: 1px dashed var(--strong); border-radius: 999px; padding: 0 0.5rem; color: var(--muted); font-family: var(--mono); }
.state.seen { border: 1px solid var(--accent); color: var(--accent); } .state + .state { margin-left: 0.3rem; }
.key { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.4rem; margin: 0.6rem 0; padding: 0; list-style: none; color: var(--muted); font-size: 0.85rem; }
.key svg { vertical-align: middle; } .key .sign { vertical-align: -2px; margin: 0 0.3rem; } .key .state { margin: 0; }
.panel { position: sticky; bottom: 0; z-index: 1; max-height: 44vh; overflow: auto; background: var(--raised); border: 1px solid var(--strong); border-radius: 10px 10px 0 0; box-shadow: 0 -8px 24px rgb(0 0 0 / 14%); padding: 0.6rem 1rem 0.9rem; }
.panel h4 { margin: 0 0 0.5rem; } .panel h5 { margin: 0; } .panel .close { position: absolute; top: 0.5rem; right: 0.75rem; min-height: 0; padding: 0 0.6rem; }
.panes { display: flex; flex-wrap: wrap; gap: 1rem 3rem; } .pane { flex: 1 1 30rem; display: grid; grid-template-columns: minmax(15rem, 22rem) 1fr; gap: 0.5rem 2rem; align-items: start; } .half { grid-template-columns: minmax(0, 1fr); } .half .bytes { order: 1; position: static; } .half .layers { order: 2; } button:where(.panes *) { all: unset; box-sizing: border-box; cursor: pointer; font: 12.5px/20px var(--mono); }
.panes button:focus-visible { outline: 2px solid var(--accent); outline-offset: -1px; border-radius: 3px; }
.layers button { display: flex; justify-content: space-between; gap: 1rem; width: 100%; padding: 0 0.5rem; border-radius: 3px; } .layers .layer { font-weight: 700; margin-top: 0.35rem; background: var(--surface); }
.layers .field { padding-left: 1.2rem; } .layers .field span { color: var(--muted); } .layers code { font-size: inherit; text-align: right; }
.layers button[aria-pressed='true'], .bytes .on.on { background: var(--accent); color: var(--onaccent); } .layers [aria-pressed='true'] :is(span, small) { color: inherit; }
.bytes { display: grid; grid-template-columns: 3.5rem repeat(8, 1.55rem) 0.6rem repeat(8, 1.55rem); width: max-content; position: sticky; top: 0; } .bytes .offset { color: var(--muted); font: 12.5px/20px var(--mono); grid-column: 1; }
.bytes button { text-align: center; border-radius: 2px; } .bytes button:nth-of-type(16n + 9) { grid-column: 11; } .bytes .differs { background: var(--mark); box-shadow: inset 0 -2px var(--deviates); font-weight: 700; }
.checks { margin: 0.75rem 0; } summary { cursor: pointer; } .checks table { font-size: 0.9rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: center; } .button { border: 1px solid var(--strong); border-radius: 7px; padding: 0.3rem 0.9rem; text-decoration: none; color: var(--text); background: var(--raised); font-weight: 600; }
@media (max-width: 44rem) { .pane { flex-basis: 100%; grid-template-columns: minmax(0, 1fr); } .panel .bytes { position: static; } .bytes { grid-template-columns: repeat(8, 1.9rem); } .bytes .offset { display: none; } .bytes button:nth-of-type(16n + 9) { grid-column: auto; }
  .ladder:not(.merged) { --left: 2.2rem; } .ladder .n { padding-right: 0.4rem; } }
`;
