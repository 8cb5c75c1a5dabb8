import { describe, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { MemorySaver } from './memory.ts'

checkpointerSuite({ describe, it }, 'MemorySaver', { create: () => new MemorySaver() })
