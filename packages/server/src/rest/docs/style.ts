export const style: string = `
:root {
  color-scheme: light dark;
  --text: #1c2024; --soft: #60646c; --line: #e3e5ea; --ground: #fff; --raised: #f7f8fa;
  --get: #0b6e99; --post: #2b7a3d; --accent: #3451b2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e8eaed; --soft: #9ba1a9; --line: #2c3036; --ground: #121417; --raised: #1a1d21;
    --get: #6cc0e5; --post: #7fcf93; --accent: #9eb1ff;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 6rem; max-width: 62rem;
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; color: var(--text); background: var(--ground);
}
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.01em; }
h1 small { margin-left: .5rem; font-size: .95rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
h2 { margin: 2.5rem 0 .25rem; font-size: 1.15rem; }
h3 { margin: 1.25rem 0 .4rem; font-size: .8rem; font-weight: 600; color: var(--soft); }
p { margin: .5rem 0; }
.soft { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin: 1rem 0 1.5rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .86em; }
pre {
  margin: .4rem 0; padding: .8rem 1rem; overflow-x: auto; line-height: 1.5;
  background: var(--raised); border: 1px solid var(--line); border-radius: 8px;
}
details { border-bottom: 1px solid var(--line); }
details[open] { padding-bottom: 1.25rem; }
summary {
  display: grid; grid-template-columns: 4.2rem minmax(15rem, 22rem) 1fr; gap: .75rem; align-items: baseline;
  padding: .6rem 0; cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary .method::before {
  content: ''; display: inline-block; margin-right: .5rem; border: .33em solid transparent; border-left-color: var(--soft);
  border-right: 0; vertical-align: .05em;
}
details[open] > summary .method::before { transform: rotate(90deg); }
summary:hover { background: var(--raised); }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
summary code { font-size: .9rem; overflow-wrap: anywhere; }
summary .soft { font-size: .92rem; }
.method { font: 600 .78rem/1.5 ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.get { color: var(--get); }
.post { color: var(--post); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
td { padding: .35rem .75rem .35rem 0; vertical-align: top; border-top: 1px solid var(--line); }
tr:first-child td { border-top: 0; }
td:nth-child(1) { white-space: nowrap; }
td:nth-child(2) { color: var(--soft); }
.needed { margin-left: .4rem; font-size: .78rem; color: var(--soft); }
@media (max-width: 44rem) {
  summary { grid-template-columns: 4.2rem 1fr; }
  summary .soft { grid-column: 2; }
}
`
