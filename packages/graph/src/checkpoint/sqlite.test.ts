import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { SqliteSaver } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

const files = new WeakMap<object, string>()
let made = 0

function open(file: string): SqliteSaver {
  const saver = SqliteSaver.fromConnString(file)
  files.set(saver, file)
  return saver
}

checkpointerSuite({ describe, it }, 'SqliteSaver', {
  create: () => open(join(folder, `${(made += 1)}.db`)),
  reopen: (saver) => open(files.get(saver) ?? ''),
  destroy: (saver) => (saver as SqliteSaver).close(),
})
