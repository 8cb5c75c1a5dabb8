export { fromLangGraph } from '../checkpoint/from-langgraph.ts'
export type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
