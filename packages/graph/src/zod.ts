export { MessagesZodMeta, MessagesZodState } from './state/prebuilt.ts'
export {
  schemaMetaRegistry,
  SchemaMetaRegistry,
  schemaMetaRegistry as registry,
  withLangGraph,
} from './state/zod-meta.ts'
export type { SchemaMeta } from './state/zod-meta.ts'
