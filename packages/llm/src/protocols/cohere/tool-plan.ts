import type { AnswerPart, OpaquePart } from '../../types/message.ts'
import { textOf } from '../wire.ts'

/** What the model means to do with its tools, said beside its calls. It is no answer and goes back as it came. */
export function toolPlanPart(plan: string): OpaquePart {
  return { type: 'opaque', protocol: 'cohere', kind: 'tool_plan', raw: { tool_plan: plan } }
}

export function toolPlanOf(parts: readonly AnswerPart[]): string | undefined {
  for (const part of parts) {
    if (part.type !== 'opaque' || part.protocol !== 'cohere' || part.kind !== 'tool_plan') continue
    return textOf(part.raw['tool_plan'])
  }
  return undefined
}
