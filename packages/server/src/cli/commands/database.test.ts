import { sql } from 'kysely'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from '../../store/migrations/index.ts'
import { openAt, postgresPlace } from '../../store/testing/databases.ts'
import { run } from '../index.ts'

const latest = migrations.length
const steps = migrations.map(({ version, name }) => `${version}: ${name}\n`)

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-db-cli-'))
})
afterEach(async () => await rm(directory, { recursive: true, force: true }))

describe('switchyard migrate and db status', () => {
  it('make the embedded database, and only when asked to', async () => {
    const file = join(directory, '.switchyard', 'switchyard.db')
    expect(await outcome(['db', 'status'])).toEqual({
      code: 0,
      said: `SQLite: ${file}\nTables: version 0 of ${latest}\nPending, for \`switchyard migrate\`:\n  ${steps.join('  ')}`,
      failed: '',
    })
    expect(await readdir(directory)).toEqual([])
    expect(await outcome(['migrate'])).toMatchObject({
      code: 0,
      said: `${steps.join('')}The tables in ${file} are of version ${latest} now.\n`,
    })
    expect(await outcome(['migrate'])).toMatchObject({
      said: `The tables in ${file} are of version ${latest} already.\n`,
    })
    const { said } = await outcome(['db', 'status', '--json'])
    expect(JSON.parse(said)).toEqual({ dialect: 'sqlite', place: file, version: latest, latest, pending: [] })
  })

  it('find PostgreSQL by the configuration or by DATABASE_URL, and do not show its password', async () => {
    const { url } = await postgresPlace()
    const withPassword = url.replace('postgres@', 'postgres:pass-1234@')
    await writeFile(
      join(directory, 'config.yaml'),
      `model_list: []\ngeneral_settings: {database_url: "${withPassword}"}\n`,
    )
    const migrated = await outcome(['migrate', '--config', 'config.yaml', '--json'])
    expect(JSON.parse(migrated.said)).toMatchObject({
      dialect: 'postgres',
      version: latest,
    })
    const status = await outcome(['db', 'status'], { DATABASE_URL: withPassword })
    expect(status).toMatchObject({ code: 0, said: expect.stringContaining('Nothing is pending.') })
    expect(JSON.stringify([migrated, status])).not.toContain('pass-1234')
  })

  it('end with 78 before tables of a newer release', async () => {
    const place = await postgresPlace()
    await outcome(['migrate'], { DATABASE_URL: place.url })
    const { kysely } = await openAt(place)
    await sql`insert into schema_migrations values (99, 'later', 0)`.execute(kysely)
    for (const words of [['migrate'], ['db', 'status']]) {
      const refused = await outcome(words, { DATABASE_URL: place.url })
      expect(refused).toMatchObject({
        code: 78,
        failed: expect.stringContaining('are of version 99; this release knows'),
      })
    }
  })

  it('copy the embedded database into PostgreSQL, once', async () => {
    await outcome(['migrate'])
    const file = join('.switchyard', 'switchyard.db')
    const { kysely } = await openAt({ file: join(directory, file) })
    await kysely.insertInto('settings').values({ name: 'a', value: 'b' }).execute()
    const place = await postgresPlace()
    const copied = await outcome(['db', 'copy', file], { DATABASE_URL: place.url })
    expect(copied).toMatchObject({ code: 0, said: expect.stringContaining('settings: 1\n'), failed: '' })
    const target = await openAt(place)
    expect(await target.kysely.selectFrom('settings').selectAll().execute()).toEqual([
      { name: 'a', value: 'b' },
    ])
    const refusals: [words: string[], env: Record<string, string>, message: string][] = [
      [[file], { DATABASE_URL: place.url }, 'holds rows in settings already'],
      [[file], {}, 'It is the configured database itself'],
      [['nowhere.db'], { DATABASE_URL: place.url }, 'There is no file'],
    ]
    for (const [words, env, message] of refusals)
      expect(await outcome(['db', 'copy', ...words], env)).toMatchObject({
        code: 1,
        failed: expect.stringContaining(message),
      })
  })

  it('end with 1 when the database cannot be reached', async () => {
    const unreachable = { DATABASE_URL: 'postgresql://nobody:pass-1234@127.0.0.1:1/none' }
    const { code, failed } = await outcome(['migrate'], unreachable)
    expect(code).toBe(1)
    expect(failed).toContain('The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1')
    expect(failed).not.toContain('pass-1234')
  })
})

async function outcome(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; said: string; failed: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await run({
    words,
    env,
    directory,
    stdin: Readable.from([]),
    stdout,
    stderr,
    version: '0.0.0',
    nowMs: () => 0,
    onEnd: () => undefined,
    onCrash: () => undefined,
    onReload: () => undefined,
  })
  stdout.end()
  stderr.end()
  return { code, said: await text(stdout), failed: await text(stderr) }
}
