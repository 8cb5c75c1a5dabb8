import { z } from 'zod'
import type { LlmDescription } from './description.ts'

const part = z.looseObject({ text: z.string().optional() })
const content = z
  .looseObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(part) })
  .meta({ id: 'GeminiContent' })

const request = z
  .looseObject({
    contents: z.array(content),
    systemInstruction: content.optional(),
    tools: z.array(z.looseObject({})).optional(),
    generationConfig: z
      .looseObject({ maxOutputTokens: z.int().optional(), temperature: z.number().optional() })
      .optional(),
  })
  .meta({ id: 'GenerateContentRequest' })

const answer = z
  .looseObject({
    candidates: z.array(z.looseObject({ content, finishReason: z.string().optional() })),
    usageMetadata: z.looseObject({ promptTokenCount: z.int(), totalTokenCount: z.int() }).optional(),
  })
  .meta({ id: 'GenerateContentAnswer' })

export const generateContent: LlmDescription = {
  summary: 'Answers a conversation, in Google’s shape, by any model',
  request,
  answer,
  stream: 'Google’s answers in pieces, each a `data:` line',
  example: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
}
