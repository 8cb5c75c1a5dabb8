import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { describe, expect, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { newCheckpointId } from './checkpoint-id.ts'
import type { Commit } from './checkpointer.ts'
import { readsChainsWhole } from './delta-chain.contract.ts'
import { MemorySaver } from './memory.ts'

checkpointerSuite({ describe, it }, 'MemorySaver', { create: () => new MemorySaver() })

readsChainsWhole('MemorySaver', () => new MemorySaver())

function fill(saver: MemorySaver, thread: string, count: number, namespace = ''): string[] {
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) {
    const parentId = ids.at(-1)
    const id = newCheckpointId(parentId)
    const commit: Commit = {
      thread,
      namespace,
      checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
      metadata: {},
      parentId,
      expectedHead: parentId ?? null,
      changes: [{ type: 'value', channel: 'n', value: n }],
    }
    saver.commit(commit)
    ids.push(id)
  }
  return ids
}

describe('MemorySaver', () => {
  it('answers at once: nobody waits for a promise', () => {
    const saver = new MemorySaver()
    fill(saver, 't', 1)
    expect(saver.load({ thread: 't', namespace: '' })?.values).toEqual({ n: 0 })
  })

  it('keeps so many checkpoints of a namespace, and the newest of them', () => {
    const saver = new MemorySaver({ maxCheckpoints: 100 })
    fill(saver, 't', 1000)
    const { checkpoints } = saver.sizeOf('t')
    expect(checkpoints).toBeGreaterThanOrEqual(100)
    expect(checkpoints).toBeLessThanOrEqual(125)
    expect(saver.load({ thread: 't', namespace: '' })?.values).toEqual({ n: 999 })
  })

  it('keeps so many threads: the one that was not written to for longest goes', () => {
    const saver = new MemorySaver({ maxThreads: 3 })
    for (const thread of ['a', 'b', 'c']) fill(saver, thread, 1)
    fill(saver, 'a', 1, 'again')
    fill(saver, 'd', 1)
    expect(saver.listThreads().map(({ thread }) => thread)).toEqual(['d', 'a', 'c'])
  })

  it('keeps so many namespaces of a thread, and always that of the graph itself', () => {
    const saver = new MemorySaver({ maxNamespaces: 3 })
    fill(saver, 't', 1)
    for (let visit = 0; visit < 10; visit += 1) fill(saver, 't', 1, `child:${visit}`)
    const kept = [...saver.history({ thread: 't' })].map(({ namespace }) => namespace)
    expect(kept.toSorted()).toEqual(['', 'child:7', 'child:8', 'child:9'])
  })

  it('gives instances of LangChain’s messages back as instances, and as copies', () => {
    const saver = new MemorySaver()
    const message = new AIMessage({ content: 'hi', id: 'a' })
    const commit: Commit = {
      thread: 't',
      namespace: '',
      checkpoint: { id: newCheckpointId(), ts: '', channelVersions: {}, versionsSeen: {} },
      metadata: {},
      expectedHead: null,
      changes: [{ type: 'list', channel: 'messages', value: [new HumanMessage('q'), message], keep: 0 }],
    }
    saver.commit(commit)
    const messages = saver.load({ thread: 't', namespace: '' })?.values['messages'] as AIMessage[]
    expect(messages[1]).toBeInstanceOf(AIMessage)
    expect(messages).toEqual([new HumanMessage('q'), message])
    expect(messages[1]).not.toBe(message)
  })
})
