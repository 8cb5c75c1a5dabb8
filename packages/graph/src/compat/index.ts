export { fromLangGraph } from './from-langgraph.ts'
export type { ForeignSaver } from './from-langgraph.ts'
