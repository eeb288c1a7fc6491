/**
 * How the report looks: on screens wide and narrow, light and dark, and on paper.
 *
 * @module
 */

/** The page's style sheet. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1a1a1a; --muted: #595959; --paper: #ffffff; --panel: #f6f6f8; --rule: #d4d4da;
  --shade: #0003; --link: #0b57a4; --supported: #10693a; --contradicted: #a8201f; --open: #6b5600; --none: #595959;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8e8ea; --muted: #b0b0b8; --paper: #17181b; --panel: #212328; --rule: #3d4048;
    --shade: #000a; --link: #8ab8f0; --supported: #6fce97; --contradicted: #ff9b95; --open: #e0c25a;
    --none: #b0b0b8;
  }
  /* White becomes the page's dark, and hues stay what they are. */
  figure img { filter: invert(.9) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main, header, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 .75rem; padding-top: 1rem;
  border-top: 1px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p, ul { margin: .5rem 0; }
h1, h2, h3, p, li, caption, figcaption { overflow-wrap: anywhere; }
ul { padding-left: 1.25rem; }
a { color: var(--link); }
.anchor { text-decoration: none; font-weight: 400; opacity: .55; }
.anchor::before { content: "#"; }
.anchor:hover, .anchor:focus-visible { opacity: 1; }
:target { scroll-margin-top: 1rem; }
.muted { color: var(--muted); }
.small { font-size: .875rem; }
/* Shadows at the sides where there is more to see. */
.scroll { overflow-x: auto; margin: 1rem 0;
  background:
    linear-gradient(to right, var(--paper) 1.5rem, transparent) 0 0 / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 1.5rem, transparent) 100% 0 / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) 0 0 / .75rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) 100% 0 / .75rem 100% no-repeat scroll; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.4; width: 100%;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
.basis { font-weight: 400; color: var(--muted); }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--rule); vertical-align: bottom; }
tbody th { font-weight: 400; }
th.number, td.number { text-align: right; }
td.number { white-space: nowrap; }
td.phrase, th.phrase { min-width: 14rem; }
td.short, th.short { white-space: nowrap; }
/* In a table that is wider than the screen, text across it stays in sight. */
.seen { max-width: min(57.5rem, 100vw - 2.5rem); position: sticky; left: 0; }
tr:has(+ .note) > * { border-bottom: 0; padding-bottom: 0; }
.note td { color: var(--muted); padding-top: 0; padding-bottom: .6rem; }
code, .hash { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .8125rem;
  overflow-wrap: anywhere; }
.verdict { white-space: nowrap; font-weight: 600; }
.supported { color: var(--supported); }
.contradicted { color: var(--contradicted); }
.mixed, .not-decided { color: var(--open); }
.not-run { color: var(--none); }
.mark { display: block; }
.mark .zero { stroke: var(--muted); }
.mark .range { stroke: currentColor; stroke-width: 3; }
.mark .value { fill: currentColor; }
figure { margin: 1.5rem 0; }
figure .scroll { border: 1px solid var(--rule); margin: 0; }
figure img { display: block; width: 100%; min-width: 36rem; height: auto; margin: 0 auto; }
figcaption { font-size: .875rem; color: var(--muted); padding-top: .35rem; }
@media screen and (max-width: 38.5rem) {
  figure .scroll::before { content: "Wider than the screen: more to the right →"; display: block;
    position: sticky; left: 0; width: max-content; padding: .25rem .5rem; font-size: .875rem;
    color: var(--muted); }
}
nav ul { list-style: none; padding: 0; columns: 2 18rem; }
footer { padding-bottom: 3rem; }
@media print {
  :root {
    color-scheme: light;
    --ink: #000000; --muted: #444444; --paper: #ffffff; --panel: #ffffff; --rule: #bbbbbb;
    --link: #000000; --supported: #10693a; --contradicted: #a8201f; --open: #6b5600;
    --none: #444444;
  }
  body { font-size: 10pt; }
  table, .small { font-size: 8.5pt; }
  th, td { padding-right: .5rem; }
  main, header, footer { max-width: none; padding: 0; }
  nav, .anchor { display: none; }
  a { text-decoration: none; }
  figure .scroll { border: 0; }
  h2, h3, caption, thead, tr:has(+ .note) { break-after: avoid; }
  caption { break-inside: avoid; }
  tbody tr:first-child, .note { break-before: avoid; }
  h2 { margin-top: 1.5rem; }
  figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; background: none; }
  figure img { filter: none; min-width: 0; max-height: 22cm; object-fit: contain; }
  td.phrase, th.phrase { min-width: 0; }
  td.short { white-space: normal; }
  .seen { max-width: none; position: static; }
}
`.trim();
