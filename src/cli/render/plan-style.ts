/** How the replacement plan looks: a sheet of paper on the screen, A4 or Letter in print, cards on a telephone. Dark only on a screen. */
export const PLAN_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #efede8; --paper: #fff; --ink: #1b1f24; --soft: #59616a; --line: #d9d5cc; --band: #f4f2ed; --act: #9d1c14;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "TeX Gyre Pagella", Georgia, "Times New Roman", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #121417; --paper: #1b1f23; --ink: #e9e6e0; --soft: #a4acb4; --line: #363c43; --band: #23282d; --act: #ff9d92; }
  .letterhead img { padding: 4px; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 var(--sans); font-size-adjust: 0.5; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
main { max-width: 1080px; margin: 40px auto; padding: 56px 64px; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; }
h1, h2, p, ul, ol { margin: 0; padding: 0; }
h1 { font: 400 40px/1.1 var(--serif); font-size-adjust: 0.47; letter-spacing: -0.01em; }
h2 { margin: 0 0 10px; font: 600 15px/1.3 var(--sans); }
h2 span { color: var(--soft); font-weight: 400; }
section, footer { margin-top: 36px; }
small { font-size: 0.85em; color: var(--soft); }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 2px; }
sup { line-height: 0; }
sup a { padding: 0 2px; text-decoration: none; }
.blank { display: inline-block; width: 9em; border-bottom: 1px solid var(--soft); }
.letterhead { display: flex; align-items: center; gap: 16px; min-height: 32px; margin-bottom: 36px; padding-bottom: 16px; border-bottom: 1px solid var(--line); }
.letterhead img { max-height: 48px; max-width: 200px; background: #fff; border-radius: 2px; }
.dealer { font-weight: 600; }
.made { margin-left: auto; color: var(--soft); white-space: nowrap; }
.home { margin-top: 6px; color: var(--soft); font: 400 22px/1.3 var(--serif); font-size-adjust: 0.47; }
.summary { max-width: 40em; margin-top: 24px; font: 400 21px/1.4 var(--serif); font-size-adjust: 0.47; text-wrap: balance; }
.figures { display: flex; flex-wrap: wrap; gap: 4px 28px; margin-top: 18px; list-style: none; color: var(--soft); }
.figures b { color: var(--ink); font-size: 1.2em; }

table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 14px; }
thead th { padding: 0 12px 6px 0; border-bottom: 1.5px solid var(--ink); color: var(--soft); font-size: 12px; font-weight: 400; text-align: left; vertical-align: bottom; }
thead th:nth-child(1) { width: 21%; }
thead th:nth-child(2) { width: 20%; }
thead th:nth-child(4) { width: 20%; }
thead th.price { width: 9%; text-align: right; }
th.price { padding-right: 0; }
tbody th, td { padding: 9px 12px 9px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
tbody tr:not(.group) th { font-weight: 600; }
tbody th small, td small { display: block; font-weight: 400; }
td b { font-weight: 600; }
td span { display: block; }
td i { color: var(--soft); font-style: normal; }
.count { font-weight: 400; white-space: nowrap; }
tr.group th { padding: 7px 10px; background: var(--band); border-left: 4px solid var(--soft); border-bottom-color: transparent; font-weight: 600; }
tr.group span { margin-left: 6px; color: var(--soft); font-weight: 400; }
.at-risk .group th { border-left-color: var(--act); color: var(--act); }
td.price { padding-right: 0; text-align: right; }

.timeline { display: block; width: 100%; height: auto; overflow: visible; font: 11px var(--sans); font-size-adjust: 0.5; }
.timeline.narrow { display: none; }
svg text { fill: var(--ink); unicode-bidi: plaintext; }
svg .what, svg .date { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
svg .year, svg .date, svg .today-word { fill: var(--soft); }
svg .today-word { font-size: 10px; }
svg .grid { stroke: var(--line); stroke-width: 0.75; }
svg .today { stroke: var(--ink); stroke-width: 1; }
svg .looked-after { stroke: var(--ink); stroke-width: 2.5; }
svg .without { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
svg .ended { fill: var(--ink); }
svg .ends { fill: var(--paper); stroke: var(--ink); stroke-width: 1.75; }
svg .usual { stroke: var(--ink); stroke-width: 1; }
svg .usual.plain { fill: none; stroke-dasharray: 1.5 1.5; }
svg .hatch { stroke: var(--ink); stroke-width: 1.5; }
.before { margin-top: 6px; font-size: 13px; color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 24px; margin-top: 8px; color: var(--soft); font-size: 12px; }
.legend svg { width: 26px; height: 10px; }

.lists { display: grid; grid-template-columns: 1fr 1fr; gap: 0 48px; font-size: 14px; }
.lists p { color: var(--soft); }
.lists ul + p { margin-top: 8px; }
.names { list-style: none; }
.names li { display: inline; }
.names li:not(:last-child)::after { content: " · "; color: var(--soft); }
.sign { display: grid; grid-template-columns: repeat(3, 1fr); gap: 40px; margin-top: 56px; color: var(--soft); font-size: 13px; }
.sign .blank { display: block; width: 100%; height: 22px; margin-bottom: 4px; }
footer { padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 12.5px; }
footer h2 { margin-bottom: 4px; font-size: 13px; color: var(--ink); }
footer ol { columns: 2; column-gap: 48px; padding-left: 1.6em; }
footer li { break-inside: avoid; }
footer p { margin-top: 8px; }
footer b { font-weight: 600; }

@media screen and (max-width: 760px) {
  main { margin: 0; padding: 24px 20px 40px; border: 0; border-radius: 0; }
  h1 { font-size: 32px; }
  .letterhead { flex-wrap: wrap; gap: 8px 16px; margin-bottom: 24px; }
  .summary { font-size: 19px; }
  .lists, .sign { grid-template-columns: 1fr; gap: 0; }
  .sign { gap: 24px; }
  footer ol { columns: 1; }
  table, tbody, tr, tbody th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr.group { margin-top: 20px; }
  tr:not(.group) { margin-top: 12px; padding: 12px 14px; border: 1px solid var(--line); border-radius: 6px; }
  tr:not(.group) th { padding: 0; border: 0; font-size: 16px; }
  td { padding: 8px 0 0; border: 0; }
  td::before { content: attr(data-label); display: block; color: var(--soft); font-size: 12px; }
  td.price { text-align: left; }
  td.price:empty { display: none; }
  .timeline.wide { display: none; }
  .timeline.narrow { display: block; font-size: 13px; }
}

@page { margin: 8mm 13mm 10mm; }
@page { @bottom-right { content: counter(page) " / " counter(pages); font: 7pt sans-serif; color: #59616a; } }
@media print {
  :root { color-scheme: light; }
  body { background: none; font-size: 8pt; line-height: 1.24; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  h1, .home { display: inline; font-size: 19pt; }
  .home { margin-left: 8pt; font-size: 13pt; }
  h2 { margin-bottom: 2pt; font-size: 9pt; break-after: avoid; }
  section, footer { margin-top: 6pt; }
  .letterhead { min-height: 0; margin-bottom: 4pt; padding-bottom: 3pt; }
  .letterhead img { max-height: 8mm; }
  .summary { max-width: none; margin-top: 1pt; text-wrap: wrap; font-size: 11pt; line-height: 1.3; }
  .needs h2 { display: none; }
  .figures { margin-top: 1pt; gap: 0 14pt; }
  table { font-size: 7.4pt; line-height: 1.18; }
  thead { display: table-header-group; }
  thead th { padding-bottom: 1pt; font-size: 7pt; }
  tbody th, td { padding: 1.6pt 7pt 1.6pt 0; }
  td span, td small { display: inline; }
  td small { white-space: nowrap; }
  td small::before { content: "· "; }
  td.price { border-left: 1px dotted var(--line); }
  tr { break-inside: avoid; }
  tr.group { break-after: avoid; }
  tr.group th { padding: 0.6pt 5pt; print-color-adjust: exact; }
  .drawn { position: relative; }
  .legend { position: absolute; top: 1pt; right: 0; margin: 0; gap: 0 12pt; font-size: 7pt; }
  .before { margin-top: 1pt; font-size: 7pt; }
  .lists { display: block; font-size: 7.5pt; }
  .lists h2, .lists p, .names { display: inline; }
  .lists h2 { margin-right: 6pt; }
  .lists section + section { margin-top: 3pt; }
  .names::after { content: ""; display: block; }
  .sign { margin-top: 2pt; gap: 20pt; font-size: 7pt; break-inside: avoid; }
  .sign .blank { height: 13pt; margin-bottom: 1pt; }
  footer { padding-top: 3pt; font-size: 6.5pt; line-height: 1.2; }
  footer h2 { display: none; }
  footer ol { columns: 3; column-gap: 14pt; }
  footer p { display: inline; }
  a { text-decoration: none; }
}
`;
