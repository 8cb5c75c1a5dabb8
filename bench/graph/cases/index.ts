import type { Case } from './case.ts'
import { chain } from './chain.ts'
import { chat } from './chat.ts'
import { fanOut } from './fan-out.ts'
import { importing } from './importing.ts'
import { longThread } from './long-thread.ts'
import { steps } from './steps.ts'
import { streaming } from './streaming.ts'

/** Everything that is measured; each in a process of its own. */
export const cases: readonly Case[] = [
  ...steps,
  ...fanOut,
  chain,
  ...streaming,
  ...chat,
  longThread,
  importing,
]
