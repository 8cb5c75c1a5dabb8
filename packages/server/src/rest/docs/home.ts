import { escape, renderPage } from './html.ts'

/** The page behind `/`: what this is and where to go. */
export function renderHome(version: string, links: Readonly<Record<string, string>>): string {
  const items = Object.entries(links).map(([name, path]) => `<a href="${escape(path)}">${escape(name)}</a>`)
  return renderPage(
    'Switchyard',
    `<main>
<h1>Switchyard <small>${escape(version)}</small></h1>
<p class="soft">One gateway in front of every model provider.</p>
<nav aria-label="Pages">${items.join('')}</nav>
</main>`,
  )
}
