import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cycles,
  directions,
  environment,
  exportedAny,
  helperHooks,
  machinePaths,
  providerTests,
  registries,
  strangers,
} from './architecture/check.ts'
import type { Check, Tree } from './architecture/check.ts'
import { importsOf } from './architecture/imports.ts'
import { packageRules } from './architecture/rules.ts'

const checks: Readonly<Record<string, Check>> = {
  'imports go down only, into declared packages': directions,
  'steps and strategies do not know each other': strangers,
  'no files need each other at run time': cycles,
  'every plug is named in its registry': registries,
  'the environment is read where it belongs': environment,
  'no code decides by a provider’s name': providerTests,
  'nothing names a folder of one machine': machinePaths,
  'no exported signature says any': exportedAny,
  'helpers of tests register no hooks when they are loaded': helperHooks,
}

describe('the tree', () => {
  const tree = readTree(join(import.meta.dirname, '..'))

  it.each(Object.entries(checks))('%s', (_, check) => {
    expect(check(tree)).toEqual([])
  })

  it.each(packageRules.map(({ folder }) => folder))('has sources in %s to look at', (folder) => {
    expect([...tree.keys()].some((path) => path.startsWith(`packages/${folder}/src/`))).toBe(true)
  })
})

describe('the rules', () => {
  it.each(packageRules)('$folder: a room imports only rooms that stand before it', ({ rooms }) => {
    const names = rooms.map(({ name }) => name)
    const upward = rooms.flatMap((room, floor) =>
      room.mayImport
        .filter((other) => !names.slice(0, floor).includes(other))
        .map((other) => [room.name, other]),
    )
    expect(upward).toEqual([])
  })
})

/** Trees with one thing wrong, and what must be said about it. */
const bad: readonly [name: string, check: Check, files: Readonly<Record<string, string>>, finding: RegExp][] =
  [
    [
      'types importing errors',
      directions,
      { 'packages/llm/src/types/event.ts': `import type { Failure } from '../errors.ts'` },
      /event\.ts:1 imports \.\.\/errors\.ts: types must not know errors, because the vocabulary outlives/,
    ],
    [
      'a protocol importing a provider over several lines',
      directions,
      {
        'packages/llm/src/protocols/gemini/index.ts': `\nimport {\n  groq,\n} from '../../providers/groq.ts'`,
      },
      /gemini\/index\.ts:2 imports .* a wire format is not a company/,
    ],
    [
      'a re-export that goes up',
      directions,
      { 'packages/llm/src/http/transport.ts': `export * from '../client/client.ts'` },
      /http must not know client/,
    ],
    [
      'production code that imports what tests share',
      directions,
      { 'packages/server/src/store/migrate.ts': `import { open } from './testing/databases.ts'` },
      /is for tests/,
    ],
    [
      'a dynamic import that goes up',
      directions,
      { 'packages/server/src/config/load.ts': `const app = await import('../app.ts')` },
      /config must not know app/,
    ],
    [
      'the voice importing the gateway',
      directions,
      { 'packages/llm/src/client/client.ts': `import { start } from '@switchyard/server'` },
      /must install without the gateway/,
    ],
    [
      'a path into another package',
      directions,
      { 'packages/server/src/gateway/handle.ts': `import { sse } from '../../../llm/src/http/sse.ts'` },
      /by its name, never by a path/,
    ],
    [
      'a package that the manifest does not declare',
      directions,
      { 'packages/llm/src/client/client.ts': `import pino from 'pino'` },
      /own package\.json declares/,
    ],
    [
      'the vocabulary using a package at run time',
      directions,
      {
        'packages/llm/package.json': '{ "dependencies": { "zod": "1.0.0" } }',
        'packages/llm/src/types/json.ts': `import { z } from 'zod'`,
      },
      /imports zod: the vocabulary outlives/,
    ],
    [
      'a room without a floor',
      directions,
      { 'packages/server/src/helpers/text.ts': '' },
      /helpers\/text\.ts is in no known room/,
    ],
    [
      'a step importing another step',
      strangers,
      { 'packages/server/src/gateway/steps/limit.ts': `import { reserve } from './reserve.ts'` },
      /a step never imports another step/,
    ],
    [
      'a cycle of three',
      cycles,
      {
        'packages/llm/src/http/a.ts': `import { b } from './b.ts'`,
        'packages/llm/src/http/b.ts': `import type { A } from './a.ts'\nimport { c } from './c.ts'`,
        'packages/llm/src/http/c.ts': `export { a } from './a.ts'`,
      },
      /a\.ts ↔ .*b\.ts ↔ .*c\.ts: files that need each other/,
    ],
    [
      'a plug that nobody can reach',
      registries,
      {
        'packages/llm/src/providers/index.ts': `export { groq } from './groq.ts'`,
        'packages/llm/src/providers/groq.ts': 'export const groq: Provider = defineProvider({})',
        'packages/llm/src/providers/xai.ts': 'export const xai: Provider = defineProvider({})',
      },
      /xai\.ts defines a plug that packages\/llm\/src\/providers\/index\.ts does not name/,
    ],
    [
      'a dialect that no client can ask for',
      registries,
      {
        'packages/llm/src/protocols/index.ts': `import { geminiDialect } from './gemini/index.ts'`,
        'packages/llm/src/protocols/gemini/index.ts': 'export const geminiDialect: ChatDialect = {}',
        'packages/llm/src/protocols/cohere/client.ts': 'export const cohereDialect: ChatDialect = {}',
      },
      /cohere\/client\.ts defines a plug that packages\/llm\/src\/protocols\/index\.ts does not name/,
    ],
    [
      'a wire format that no provider speaks',
      registries,
      {
        'packages/llm/src/providers/cohere.ts': `import { cohereProtocol } from '../protocols/cohere/index.ts'`,
        'packages/llm/src/protocols/cohere/index.ts': 'export const cohereProtocol: ChatProtocol = {}',
        'packages/llm/src/protocols/ollama/index.ts': 'export const ollamaProtocol: ChatProtocol = {}',
      },
      /ollama\/index\.ts defines a plug that packages\/llm\/src\/providers\/ does not name/,
    ],
    [
      'the environment read by a provider',
      environment,
      { 'packages/llm/src/providers/groq.ts': `const key = process.env['GROQ_API_KEY']` },
      /reads the environment \(process\.env\)/,
    ],
    [
      'the environment read by a route',
      environment,
      { 'packages/server/src/gateway/handle.ts': `import { env } from 'node:process'` },
      /comes from its configuration/,
    ],
    [
      'a condition on a provider’s name',
      providerTests,
      { 'packages/llm/src/client/completion.ts': `if (target.provider === 'openai') retry()` },
      /make it a typed quirk/,
    ],
    [
      'a switch on a provider’s name',
      providerTests,
      { 'packages/server/src/gateway/handle.ts': 'switch (target.provider.id) {' },
      /tests a provider’s name/,
    ],
    [
      'a model string taken apart by hand',
      providerTests,
      {
        'packages/llm/src/providers/azure.ts': `export const azure = defineProvider({ id: 'azure' })`,
        'packages/llm/src/client/completion.ts': `if (model.startsWith('azure/')) deploy()`,
      },
      /tests a provider’s name \(\.startsWith\('azure\/\)/,
    ],
    [
      'a path of one machine',
      machinePaths,
      { 'docs/start.md': `cd ${'/home'}/me/switchyard` },
      /any machine/,
    ],
    [
      'any in a public signature',
      exportedAny,
      { 'packages/llm/src/client/client.ts': 'export function call(body: any): void {}' },
      /use `unknown` and narrow/,
    ],
    [
      'a helper with a hook',
      helperHooks,
      {
        'packages/llm/src/http/server.test.ts': 'afterAll(stop)',
        'packages/llm/src/http/testing/server.ts': 'afterAll(stop)',
      },
      /testing\/server\.ts:1 registers a hook .* first of them only/,
    ],
  ]

describe('a broken tree', () => {
  it.each(bad)('%s is found', (_, check, files, finding) => {
    const found = check(new Map(Object.entries(files)))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(finding)
  })

  it('is not seen where nothing is wrong', () => {
    const tree: Tree = new Map([
      ['packages/llm/package.json', '{ "dependencies": { "undici": "1.0.0" } }'],
      ['packages/llm/src/types/event.ts', `import type { Answer } from './answer.ts'`],
      ['packages/llm/src/types/answer.ts', `import type { StreamEvent } from './event.ts'`],
      [
        'packages/llm/src/http/transport.ts',
        `import { request } from 'undici'\n// import { x } from '../client/x.ts'`,
      ],
      ['packages/llm/src/http/sse.test.ts', `import { completion } from '../client/completion.ts'`],
      [
        'packages/llm/src/protocols/wire.ts',
        `/** \`provider === 'openai'\` would be wrong. */\nexport const a = 1`,
      ],
      ['packages/llm/src/providers/groq.ts', `if (provider === 'groq') {}`],
    ])
    expect(Object.values(checks).flatMap((check) => check(tree))).toEqual([])
  })
})

it.each([
  [`import { a } from './a.ts'`, './a.ts', false],
  [`import a, { type B } from './a.ts'`, './a.ts', false],
  [`import * as a from './a.ts'`, './a.ts', false],
  [`import './a.ts'`, './a.ts', false],
  [`import {\n  a,\n  b,\n} from './a.ts'`, './a.ts', false],
  [`import data from './a.json' with { type: 'json' }`, './a.json', false],
  [`import type { A } from './a.ts'`, './a.ts', true],
  [`export { a } from './a.ts'`, './a.ts', false],
  [`export * as a from './a.ts'`, './a.ts', false],
  [`export type { A } from './a.ts'`, './a.ts', true],
  [`const a = await import('./a.ts')`, './a.ts', false],
  [`let a: typeof import('./a.ts')`, './a.ts', true],
  [`let a: import('./a.ts').A`, './a.ts', true],
])('reads %s', (source, specifier, typeOnly) => {
  expect(importsOf(source)).toEqual([{ specifier, typeOnly, line: 1 }])
})

/** Every text file of the checkout by its path, whether committed yet or not. */
function readTree(root: string): Tree {
  const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.switchyard'])
  const files = new Map<string, string>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(path)
      else if (entry.isFile() && /\.(ts|mjs|js|json|md|ya?ml|sh|py)$|^\.ci\//.test(path)) {
        files.set(path, readFileSync(join(root, path), 'utf8'))
      }
    }
  }
  walk('')
  return files
}
