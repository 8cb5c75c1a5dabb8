import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Annotation, MemorySaver, START, StateGraph } from '@switchyard/graph'
import type { Codec } from '@switchyard/graph'
import { aesCipher, SqliteSaver } from '@switchyard/graph/sqlite'
import { checkpointerSuite } from '@switchyard/graph/testing'

const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'))

// #region sqlite
const State = Annotation.Root({
  notes: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const graph = new StateGraph(State)
  .addNode('count', ({ notes }) => ({ notes: [`note ${notes.length}`] }))
  .addEdge(START, 'count')

const file = join(folder, 'threads.db')
const saver = SqliteSaver.fromConnString(file)
const app = graph.compile({ checkpointer: saver })
const thread = { configurable: { thread_id: 'ann' } }
await app.invoke({ notes: ['hello'] }, thread)
await app.invoke({ notes: ['again'] }, thread)

const elsewhere = new SqliteSaver(file) // another process would do the same
const saved = await elsewhere.load({ thread: 'ann', namespace: '' })
console.log(saved?.values['notes']) // ['hello', 'note 1', 'again', 'note 3']
elsewhere.close()
// #endregion

// #region care
console.log(saver.listThreads()) // [{ thread: 'ann', updatedAt: '…' }]
console.log(saver.sizeOf('ann')) // { checkpoints: 6, bytes: … }
saver.copyThread('ann', 'ann, what if')
saver.prune({ keepLast: 2 }) // of every thread and namespace
saver.prune({ idleForMs: 30 * 24 * 3_600_000 }) // threads that rest for a month go
saver.deleteThread('ann, what if')
// #endregion
saver.close()

// #region codec
class Money {
  readonly cents: bigint
  constructor(cents: bigint) {
    this.cents = cents
  }
  toString(): string {
    return `${this.cents} ct`
  }
}
const money: Codec<Money> = {
  tag: 'money',
  test: (value) => value instanceof Money,
  encode: ({ cents }) => cents,
  decode: (cents) => new Money(BigInt(String(cents))),
}
const sealed = new SqliteSaver(join(folder, 'sealed.db'), {
  codecs: [money as Codec],
  cipher: aesCipher({ key: crypto.getRandomValues(new Uint8Array(32)) }),
})
// #endregion
sealed.close()

// #region suite
checkpointerSuite({ describe, it }, 'MemorySaver', { create: () => new MemorySaver() })
// #endregion

process.on('exit', () => {
  rmSync(folder, { recursive: true })
})
