export { checkpointerSuite } from './checkpointer-suite.ts'
export type { SaverUnderTest, TestRunner } from './checkpointer-suite.ts'
