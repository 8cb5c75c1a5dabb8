import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadStrategies } from './load-strategies.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-strategy-'))
  await writeFile(
    join(folder, 'mine.mjs'),
    'export const last = (candidates) => candidates.at(-1)\nexport const whole = { id: "whole", pick: last }\nexport const wrong = 5\n',
  )
})
afterAll(() => rm(folder, { recursive: true }))

const load = (name: string): Promise<ReadonlyMap<string, unknown>> =>
  loadStrategies({
    options: {},
    budgets: { providers: new Map(), tags: new Map() },
    strategyFiles: { './mine.mjs': { path: join(folder, 'mine.mjs'), name } },
  })

test('a function, or a whole strategy, is found by the name that the configuration has for it', async () => {
  expect((await load('last')).get('./mine.mjs')).toMatchObject({ id: 'last' })
  expect((await load('whole')).get('./mine.mjs')).toMatchObject({ id: 'whole' })
})

test.each(['wrong', 'missing'])('what is no strategy is told: %s', async (name) => {
  await expect(load(name)).rejects.toThrow(`exports no strategy ${name}`)
})
