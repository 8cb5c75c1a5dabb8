import { afterEach, describe, expect, it } from 'vitest'
import { createChanges } from './changes.ts'
import type { Changes, Heard } from './changes.ts'
import { openAt, postgresPlace, testDatabases } from './testing/databases.ts'
import type { Place } from './testing/databases.ts'

const log = { warn: () => undefined, info: () => undefined }
const open: Changes[] = []
afterEach(async () => {
  for (const changes of open.splice(0)) await changes.close()
})

const change = { kind: 'key', id: 'a' }

describe.each(testDatabases)('changes in $dialect', ({ place }) => {
  it('are heard here before the transaction gives its result', async () => {
    const { changes, heard } = await instance(await place())
    const result = await changes.transaction(async (_, tell) => {
      tell(change)
      expect(heard.list).not.toContainEqual(change)
      return 5
    })
    expect(result).toBe(5)
    expect(heard.list).toContainEqual(change)
  })

  it('are not heard when nothing changed after all', async () => {
    const { changes, heard } = await instance(await place())
    const failing = changes.transaction(async (_, tell) => {
      tell(change)
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    await changes.transaction(async (_, tell) => tell({ kind: 'key', id: 'later' }))
    expect(heard.list.filter((one) => one !== 'gap')).toEqual([{ kind: 'key', id: 'later' }])
  })
})

it('changes are heard by other instances, many at once', async () => {
  const where = await postgresPlace()
  const [one, other] = [await instance(where), await instance(where)]
  const many = Array.from({ length: 50 }, (_, index) => ({ kind: 'key', id: `${index}`.padStart(256, 'x') }))
  await one.changes.transaction(async (_, tell) => many.forEach(tell))
  await other.heard.until(many.at(-1))
  expect(other.heard.list).toEqual(['gap', ...many])
  expect(one.heard.list).toEqual(['gap', ...many])
})

/** One that hears the others by now. */
async function instance(where: Place): Promise<{ changes: Changes; heard: HeardList }> {
  const database = await openAt(where)
  const { url } = where
  const changes = await createChanges({ database, url, instance: `i${open.length}`, log })
  open.push(changes)
  const heard = hearing(changes)
  if (database.dialect === 'postgres') await heard.until('gap')
  return { changes, heard }
}

interface HeardList {
  readonly list: Heard[]
  readonly until: (wanted: Heard | undefined) => Promise<void>
}

function hearing(changes: Changes): HeardList {
  const list: Heard[] = []
  let told = (): void => undefined
  changes.subscribe((heard) => {
    list.push(heard)
    told()
  })
  const has = (wanted: Heard | undefined): boolean =>
    list.some((heard) => JSON.stringify(heard) === JSON.stringify(wanted))
  return {
    list,
    until: async (wanted) => {
      while (!has(wanted)) await new Promise<void>((resolve) => (told = resolve))
    },
  }
}
