import assert from 'node:assert/strict'
import { newCheckpointId } from '../../checkpoint/checkpoint-id.ts'
import type {
  ChannelChange,
  Checkpointer,
  Commit,
  ListQuery,
  Place,
  SavedCheckpoint,
} from '../../checkpoint/checkpointer.ts'

/** The two functions of a test runner that suites are written with: those of vitest, jest, node:test and others fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/** A saver under test. */
export interface SaverUnderTest {
  /** Makes an empty saver. */
  create(): Checkpointer | Promise<Checkpointer>
  /** Another saver on the same storage, as another process has it; left out where there is no such thing. */
  reopen?(saver: Checkpointer): Checkpointer | Promise<Checkpointer>
  destroy?(saver: Checkpointer): void | Promise<void>
}

/** What the subjects of the suite are written with. */
export interface Suite {
  readonly describe: TestRunner['describe']
  /** Runs a body with an empty saver, which is destroyed afterwards. */
  readonly test: (title: string, body: (saver: Checkpointer) => Promise<void>) => unknown
  /** The saver's, for titles. */
  readonly name: string
  readonly reopen: SaverUnderTest['reopen']
  readonly destroy: SaverUnderTest['destroy']
}

/** What one step changes. */
export type Step = Partial<Commit> & {
  values?: Record<string, unknown>
  list?: Record<string, [unknown[], number]>
}

/** Where a test writes that does not care. */
export const ROOT: Place = { thread: 'thread', namespace: '' }

/** Commits of one place, each on top of the last one. */
export interface Writer {
  /** The id of the latest commit. */
  readonly head: string
  /** Commits a step and answers with its id. */
  readonly commit: (step?: Step) => Promise<string>
}

/** Makes commits of one place, each on top of the last one. */
export function writer(saver: Checkpointer, place: Place = ROOT): Writer {
  let head: string | null = null
  let step = -2
  return {
    get head(): string {
      return head ?? ''
    },
    async commit({ values = {}, list = {}, changes = [], ...rest }: Step = {}): Promise<string> {
      const id: string = newCheckpointId(head)
      step += 1
      const all: ChannelChange[] = [
        ...Object.entries(values).map(([channel, value]) => ({ type: 'value', channel, value }) as const),
        ...Object.entries(list).map(
          ([channel, [value, keep]]) => ({ type: 'list', channel, value, keep }) as const,
        ),
        ...changes,
      ]
      await saver.commit({
        ...place,
        checkpoint: {
          id,
          ts: new Date(1_700_000_000_000 + step).toISOString(),
          channelVersions: Object.fromEntries(all.map(({ channel }) => [channel, step + 3])),
          versionsSeen: { node: { 'branch:to:node': step + 2 } },
        },
        metadata: { source: step < 0 ? 'input' : 'loop', step, parents: {} },
        expectedHead: head,
        parentId: head ?? undefined,
        changes: all,
        ...rest,
      })
      head = id
      return id
    },
  }
}

/** The checkpoint, which has to be there. */
export async function read(saver: Checkpointer, id?: string, place: Place = ROOT): Promise<SavedCheckpoint> {
  const saved = await saver.load(place, id)
  assert.ok(saved, `checkpoint ${id ?? '(head)'} is there`)
  return saved
}

/** All that a query finds, in its order. */
export async function all(saver: Checkpointer, query?: ListQuery): Promise<SavedCheckpoint[]> {
  const found: SavedCheckpoint[] = []
  for await (const saved of saver.history(query)) found.push(saved)
  return found
}

/** The error of an attempt that has to fail. */
export async function refusal(attempt: () => unknown): Promise<{ code?: string; message: string }> {
  try {
    await attempt()
  } catch (error) {
    return error as { code?: string; message: string }
  }
  assert.fail('it should have been refused')
}
