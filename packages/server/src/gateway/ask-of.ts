import type { Ask } from './attempt.ts'
import type { LlmRoute, PlainOperation } from './routes/routes.ts'
import { askDeployment } from './steps/dispatch.ts'
import { embed } from './steps/embed.ts'
import { rerank } from './steps/rerank.ts'
import { transcribe } from './steps/transcribe.ts'

const PLAIN: Readonly<Record<PlainOperation, Ask>> = { embeddings: embed, rerank, transcription: transcribe }

/** How a deployment is asked for what a route is for: words, or something else. */
export function askOf({ operation }: LlmRoute): Ask {
  return isPlain(operation) ? PLAIN[operation] : askDeployment
}

function isPlain(operation: LlmRoute['operation']): operation is PlainOperation {
  return Object.hasOwn(PLAIN, operation)
}
