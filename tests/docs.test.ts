import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FAILURES } from '../packages/llm/src/errors.ts'
import { run } from '../packages/server/src/cli/index.ts'
import { configKeys } from '../packages/server/src/config/schema.ts'
import { generalSettingsKeys } from '../packages/server/src/config/schema/general-settings.ts'
import { litellmSettingsKeys } from '../packages/server/src/config/schema/litellm-settings.ts'
import { litellmParamsKeys } from '../packages/server/src/config/schema/model-list.ts'
import { networkKeys } from '../packages/server/src/config/schema/network.ts'
import { routerSettingsKeys } from '../packages/server/src/config/schema/router-settings.ts'
import { LLM_ROUTES } from '../packages/server/src/gateway/routes/routes.ts'
import { BODY_ERRORS } from '../packages/server/src/http/body-error.ts'
import {
  brokenLinks,
  findPages,
  generatedPart,
  readPage,
  root,
  withGeneratedPart,
  withIncludes,
} from './docs/markdown.ts'
import { generatedParts } from './docs/tables.ts'

const pages = findPages()
/** What is made from the code is written anew in place of being compared. */
const updates = process.env['UPDATE_DOCS'] === '1'
const hint = 'UPDATE_DOCS=1 npx vitest run tests/docs.test.ts writes it anew'

describe.each(pages.map((page) => [page.path, page] as const))('%s', (_path, page) => {
  it('has no link that leads nowhere', () => {
    expect(brokenLinks(page)).toEqual([])
  })

  it('shows the code that runs', () => {
    if (updates) writeFileSync(join(root, page.path), withIncludes(page))
    else expect(page.text, hint).toBe(withIncludes(page))
  })

  it('names files that there are', () => {
    const named = [...page.text.matchAll(/`((?:packages|scripts|tests|docs|bench)\/[\w./-]+)`/g)]
    const paths = named.map(([, path = '']) => path)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('names no command that would fetch an unrelated package', () => {
    expect(page.text).not.toMatch(/npm (i|install|add) switchyard\b/)
  })
})

describe('what is made from the code', () => {
  it.each(generatedParts)('$page: $name', ({ page: path, name, render }) => {
    const page = readPage(path)
    if (updates) writeFileSync(join(root, path), withGeneratedPart(page, name, render()))
    else expect(generatedPart(page, name), hint).toBe(render())
  })
})

describe('what is complete', () => {
  /** Names that a page does not have as code. */
  function missingIn(path: string, names: readonly string[]): string[] {
    const { text } = readPage(path)
    return names.filter((name) => !text.includes(`\`${name}\``))
  }

  /** What a pattern finds in the source below some paths, tests left out. */
  function wordsIn(paths: readonly string[], pattern: RegExp): string[] {
    const files = paths.flatMap((path) => {
      if (path.endsWith('.ts')) return [path]
      return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => join(path, name))
    })
    const texts = files.map((file) => readFileSync(join(root, file), 'utf8'))
    return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, word = '']) => word)))]
  }

  it.each<[page: string, what: string, names: readonly string[]]>([
    [
      'docs/gateway-api.md',
      'every code of a refusal',
      [
        ...wordsIn(
          ['auth', 'gateway', 'policy', 'rest'].map((room) => `packages/server/src/${room}`),
          /\breason: '(\w+)'/g,
        ),
        ...wordsIn(['packages/server/src/http/client-error.ts'], /\bcode: '(\w+)'/g),
        ...wordsIn(['packages/llm/src/client', 'packages/llm/src/protocols'], /'(upstream_\w+)'/g),
      ],
    ],
    [
      'docs/gateway-api.md',
      'every header of an answer',
      wordsIn(
        ['packages/server/src/gateway/headers.ts', 'packages/server/src/gateway/failure-answer.ts'],
        /'(x-[a-z-]+[a-z]|retry-after)'/g,
      ),
    ],
    ['docs/errors-and-retries.md', 'every failure code', Object.keys(FAILURES)],
    ['docs/gateway-api.md', 'every refusal of a body', Object.keys(BODY_ERRORS)],
    ['docs/gateway-api.md', 'every route to a model', LLM_ROUTES.flatMap(({ paths }) => paths.slice(0, 1))],
    ['docs/gateway.md', 'every metric', wordsIn(['packages/server/src/metrics.ts'], /\bname: '(\w+)'/g)],
    [
      'docs/gateway.md',
      'every active key of config.yaml',
      [
        configKeys,
        litellmParamsKeys,
        litellmSettingsKeys,
        routerSettingsKeys,
        generalSettingsKeys,
        networkKeys,
      ].flatMap(({ active }) => active),
    ],
  ])('%s: %s', (page, _what, names) => {
    expect(missingIn(page, names)).toEqual([])
  })

  it('every example is shown on a page', () => {
    const shown = pages.flatMap(({ text }) => [...text.matchAll(/\bexamples\/([\w-]+\.\w+)/g)])
    const names = new Set(shown.map(([, name]) => name))
    const programs = readdirSync(join(root, 'docs/examples')).filter((name) => /\.\w+$/.test(name))
    expect(programs.filter((name) => !names.has(name))).toEqual([])
  })

  it('every page of docs is in its index', () => {
    const index = readPage('docs/README.md').text
    const names = readdirSync(join(root, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md',
    )
    const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `decisions/${name}`)
    expect([...names, ...decisions].filter((name) => !index.includes(`(${name})`))).toEqual([])
  })
})

describe('docs/cli.md', () => {
  const commands = [
    'start',
    'doctor',
    'chat',
    'route explain',
    ...['check', 'effective', 'schema'].map((command) => `config ${command}`),
    ...['create', 'list', 'revoke', 'rotate'].map((command) => `keys ${command}`),
    ...['create', 'list', 'delete', 'add-member', 'remove-member'].map((command) => `teams ${command}`),
    ...['create', 'list', 'delete'].map((command) => `budgets ${command}`),
    'spend',
    'import litellm',
  ]

  it('names the flags that there are, and no others', async () => {
    const { text } = readPage('docs/cli.md')
    const told = new Set([...text.matchAll(/--[a-z]\w*/g)].map(([flag]) => flag))
    const known = new Set((await Promise.all(commands.map(flagsOf))).flat())
    expect([...told].toSorted()).toEqual([...known].toSorted())
  })

  async function flagsOf(command: string): Promise<string[]> {
    const stdout = new PassThrough({ encoding: 'utf8' })
    const world = {
      words: [...command.split(' '), '--help'],
      env: {},
      directory: root,
      stdin: Readable.from([]),
      stdout,
      stderr: new PassThrough(),
      version: '1.2.3',
      nowMs: Date.now,
      onEnd: () => {},
      onReload: () => {},
      onCrash: () => {},
    }
    expect(await run(world)).toBe(0)
    return [...String(stdout.read()).matchAll(/--[a-z]\w*/g)].map(([flag]) => flag)
  }
})
