import { commits } from './checkpointer/commits.ts'
import type { SaverUnderTest, Suite, TestRunner } from './checkpointer/harness.ts'
import { heads } from './checkpointer/heads.ts'
import { history } from './checkpointer/history.ts'
import { hostileInput } from './checkpointer/hostile-input.ts'
import { lists } from './checkpointer/lists.ts'
import { pendingWrites } from './checkpointer/pending-writes.ts'
import { processes } from './checkpointer/processes.ts'
import { threads } from './checkpointer/threads.ts'

export type { SaverUnderTest, TestRunner } from './checkpointer/harness.ts'

/**
 * What every checkpointer must do, as tests.
 *
 * @example
 * import { describe, it } from 'vitest'
 * checkpointerSuite({ describe, it }, 'my saver', { create: () => new MySaver() })
 */
export function checkpointerSuite(
  { describe, it }: TestRunner,
  name: string,
  { create, reopen, destroy }: SaverUnderTest,
): void {
  const test: Suite['test'] = (title, body) =>
    it(title, async () => {
      const saver = await create()
      try {
        await body(saver)
      } finally {
        await destroy?.(saver)
      }
    })
  const suite: Suite = { describe, test, name, reopen, destroy }
  for (const subject of [commits, lists, heads, hostileInput, pendingWrites, history, threads, processes])
    subject(suite)
}
