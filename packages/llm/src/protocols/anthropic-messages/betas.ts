import type { JsonObject } from '../../types/json.ts'
import { arrayOf, objectOf, objectsOf, stringOf } from '../wire.ts'

/** Fields of a body that Anthropic takes only together with a beta's name. */
const FIELDS: Readonly<Record<string, string>> = {
  context_management: 'context-management-2025-06-27',
  output_format: 'structured-outputs-2025-11-13',
  speed: 'fast-mode-2026-02-01',
  fallbacks: 'server-side-fallback-2026-07-01',
  compaction: 'compact-2026-09-04',
  thread: 'message-threads-2026-08-12',
}

/** Tools that need one, by the beginning of their type. */
const TOOLS: readonly (readonly [prefix: string, beta: string])[] = [
  ['computer_20241022', 'computer-use-2024-10-22'],
  ['bash_20241022', 'computer-use-2024-10-22'],
  ['text_editor_20241022', 'computer-use-2024-10-22'],
  ['computer_20250124', 'computer-use-2025-01-24'],
  ['computer_20251124', 'computer-use-2025-11-24'],
  ['code_execution_20250522', 'code-execution-2025-05-22'],
  ['code_execution_20250825', 'code-execution-2025-08-25'],
  ['web_fetch_20250910', 'web-fetch-2025-09-10'],
  ['memory_20250818', 'context-management-2025-06-27'],
  ['advisor_20260301', 'advisor-tool-2026-03-01'],
  ['mcp_toolset', 'mcp-client-2025-11-20'],
]

const FILES = 'files-api-2025-04-14'

/** The `anthropic-beta` header that the features of a body need; `undefined` when they need none. */
export function betaHeader(body: JsonObject, asked: readonly string[] = []): string | undefined {
  const betas = new Set(asked)
  for (const [field, beta] of Object.entries(FIELDS)) if (isSet(body[field])) betas.add(beta)
  const types = objectsOf(body.tools).map((tool) => stringOf(tool.type) ?? '')
  for (const [prefix, beta] of TOOLS) if (types.some((type) => type.startsWith(prefix))) betas.add(beta)
  if (isSet(body.mcp_servers) && !betas.has('mcp-client-2025-11-20')) betas.add('mcp-client-2025-04-04')
  if (arrayOf(objectOf(body.container)?.skills).length > 0) betas.add('skills-2025-10-02')
  if (isSet(objectOf(body.output_config)?.task_budget)) betas.add('task-budgets-2026-03-13')
  if (objectsOf(objectOf(body.context_management)?.edits).some((edit) => edit.type === 'compact_20260112'))
    betas.add('compact-2026-01-12')
  if (objectsOf(body.messages).some((message) => refersToFile(objectsOf(message.content)))) betas.add(FILES)
  return betas.size === 0 ? undefined : [...betas].join(',')
}

function isSet(value: JsonObject[string]): boolean {
  return value !== undefined && value !== null
}

function refersToFile(blocks: readonly JsonObject[]): boolean {
  return blocks.some(
    (block) =>
      block.type === 'container_upload' ||
      objectOf(block.source)?.type === 'file' ||
      (block.type === 'tool_result' && refersToFile(objectsOf(block.content))),
  )
}
