import { afterAll, beforeAll, describe } from 'vitest'
import { testDatabases } from '../../store/testing/databases.ts'
import { openGate } from './gate.ts'
import type { Gate } from './gate.ts'

/** Tests on both databases, each with a gateway of its own: `gate()` gives it. */
export function describeOnBoth(name: string, tests: (gate: () => Gate) => void, settings = ''): void {
  describe.each(testDatabases)(`${name} in $dialect`, ({ open }) => {
    const endings: (() => Promise<void>)[] = []
    let opened: Gate | undefined
    beforeAll(async () => {
      opened = await openGate({ open }, (end) => endings.push(end), settings)
    })
    afterAll(async () => {
      for (const end of endings) await end()
    })
    tests(() => {
      if (opened === undefined) throw new Error('the gate is opened before the tests')
      return opened
    })
  })
}
