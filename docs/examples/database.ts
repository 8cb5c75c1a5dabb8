import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/server/bin/switchyard.js', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'switchyard-example-'))
// Without an address the database is a file in the data directory.
const { DATABASE_URL: _address, ...env } = process.env

function switchyard(...words: string[]): string {
  return execFileSync(process.execPath, [program, ...words, '--data', data], {
    cwd: data,
    env,
    encoding: 'utf8',
  })
}

console.log(switchyard('db', 'status')) // Tables: version 0 …, and the steps that are pending
console.log(switchyard('migrate'))
const { dialect, pending } = JSON.parse(switchyard('db', 'status', '--json'))
if (dialect !== 'sqlite' || pending.length > 0) process.exitCode = 1
rmSync(data, { recursive: true })
