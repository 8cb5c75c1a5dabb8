import { z } from 'zod'

/** What a reader is told of an operation of the fast lane, which reads its requests in its own way. */
export interface LlmDescription {
  summary: string
  request: z.ZodType
  /** Left out: JSON. */
  requestType?: 'multipart/form-data' | undefined
  answer: z.ZodType
  /** What a stream consists of; left out where there is none. */
  stream?: string | undefined
  /** A body that works. */
  example: Readonly<Record<string, unknown>>
}

export const model: z.ZodString = z.string().meta({ description: 'A model of this gateway; see /v1/models' })
export const stream: z.ZodOptional<z.ZodBoolean> = z
  .boolean()
  .optional()
  .meta({ description: 'Send the answer in pieces as it is made (server-sent events)' })
export const temperature: z.ZodOptional<z.ZodNumber> = z
  .number()
  .min(0)
  .max(2)
  .optional()
  .meta({ description: 'Higher is more varied' })
export const topP: z.ZodOptional<z.ZodNumber> = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .meta({ description: 'Only the likeliest words, up to this share together' })
export const user: z.ZodOptional<z.ZodString> = z
  .string()
  .optional()
  .meta({ description: 'Your own id of the end user' })

/** Fields of LiteLLM's that are for the gateway and never reach a provider. */
export const gatewayFields: {
  num_retries: z.ZodOptional<z.ZodInt>
  timeout: z.ZodOptional<z.ZodNumber>
  drop_params: z.ZodOptional<z.ZodBoolean>
  mock_response: z.ZodOptional<z.ZodString>
  strict: z.ZodOptional<z.ZodBoolean>
} = {
  num_retries: z.int().min(0).optional().meta({ description: 'Gateway: how often to try again' }),
  timeout: z.number().optional().meta({ description: 'Gateway: seconds the request may take' }),
  drop_params: z
    .boolean()
    .optional()
    .meta({ description: 'Gateway: leave out what the provider cannot take instead of refusing' }),
  mock_response: z
    .string()
    .optional()
    .meta({ description: 'Gateway: answer with this text, without asking anybody' }),
  strict: z.boolean().optional().meta({ description: 'Gateway: refuse fields that nobody knows' }),
}

/** A name, a description and a JSON schema of arguments, as OpenAI wraps them. */
export const openaiTool: z.ZodType = z
  .looseObject({
    type: z.literal('function'),
    function: z.looseObject({
      name: z.string(),
      description: z.string().optional(),
      parameters: z.record(z.string(), z.unknown()).optional().meta({ description: 'A JSON schema' }),
      strict: z.boolean().optional(),
    }),
  })
  .meta({ id: 'Tool' })

export const openaiUsage: z.ZodType = z
  .looseObject({ prompt_tokens: z.int(), completion_tokens: z.int().optional(), total_tokens: z.int() })
  .meta({ id: 'Usage' })
