import type { OpenapiDocument } from '../openapi/document.ts'
import { readOperations } from './operations.ts'
import type { Field, Operation } from './operations.ts'
import { escape, renderPage } from './html.ts'

/** Every endpoint with its fields and a call that can be pasted, made from the description of the API. */
export function renderDocs(document: OpenapiDocument, origin: string): string {
  const operations = readOperations(document)
  const tags = document.tags ?? []
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ tag }) => tag === name)
    return `<section id="${escape(name)}">
<h2>${escape(name)}</h2>
<p class="soft">${escape(description ?? '')}</p>
${own.map((operation) => renderOperation(operation, origin)).join('\n')}
</section>`
  })
  const links = tags.map(({ name }) => `<a href="#${escape(name)}">${escape(name)}</a>`)
  return renderPage(
    'Switchyard API',
    `<header>
<h1>Switchyard API <small>${escape(document.info.version)}</small></h1>
<p class="soft">${escape(document.info.description ?? '')}</p>
<nav aria-label="Sections">${links.join('')}<a href="/openapi.json">openapi.json</a></nav>
<p>Send the gateway’s key as <code>Authorization: Bearer</code>, or as Anthropic’s, Azure’s and Google’s clients send theirs.
The examples take it from a variable:</p>
<pre>export SWITCHYARD_KEY=sk-…</pre>
</header>
<main>
${sections.join('\n')}
</main>`,
  )
}

function renderOperation(operation: Operation, origin: string): string {
  const { method, path, summary, aliases, isPublic, fields, answer, answerFields } = operation
  return `<details id="${escape(operation.id)}">
<summary><span class="method ${method}">${method.toUpperCase()}</span><code>${escape(path)}</code><span class="soft">${escape(summary)}</span></summary>
<pre>${escape(renderCurl(operation, origin))}</pre>
${isPublic ? '<p class="soft">Needs no key.</p>' : ''}
${fields.length === 0 ? '' : `<h3>Fields</h3>\n<div class="scroll"><table>${fields.map(renderField).join('')}</table></div>`}
<h3>Answer</h3>
<p>${renderText(answer)}</p>
${answerFields.length === 0 ? '' : `<p class="soft">It holds ${renderNames(answerFields, ', ')}.</p>`}
${aliases.length === 0 ? '' : `<h3>Also reached by</h3>\n<p>${renderNames(aliases, '<br>')}</p>`}
</details>`
}

function renderNames(names: readonly string[], between: string): string {
  return names.map((name) => `<code>${escape(name)}</code>`).join(between)
}

function renderField({ name, type, required, description, place }: Field): string {
  const needed = required ? '<span class="needed">required</span>' : ''
  const where = place === 'body' ? '' : ` in the ${place}`
  return `<tr><td><code>${escape(name)}</code>${needed}</td><td>${escape(type + where)}</td><td>${renderText(description)}</td></tr>`
}

/** Backticks become code. */
function renderText(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function renderCurl({ path, isPublic, example, isForm, fields }: Operation, origin: string): string {
  const query = fields.filter(({ place, required }) => place === 'query' && required)
  const search = query.map(({ name }) => `${name}=<${name}>`).join('&')
  const address = `${origin}${path.replaceAll(/\{(\w+)\}/g, '<$1>')}${search === '' ? '' : `?${search}`}`
  const lines = [`curl ${/[?<]/.test(address) ? `'${address}'` : address}`]
  if (!isPublic) lines.push('-H "Authorization: Bearer $SWITCHYARD_KEY"')
  if (isForm) lines.push(...formParts(example))
  else if (example !== undefined)
    lines.push(`-H 'Content-Type: application/json'`, `-d '${renderJson(example)}'`)
  return lines.join(' \\\n  ')
}

function formParts(example: unknown): string[] {
  const fields = typeof example === 'object' && example !== null ? Object.entries(example) : []
  return fields.map(([name, value]) => `-F '${name}=${String(value)}'`)
}

/** On one line, with room to read. */
function renderJson(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll(/([[{])\n\s*/g, '$1')
    .replaceAll(/\n\s*([\]}])/g, '$1')
    .replaceAll(/\n\s*/g, ' ')
}
