import { z } from 'zod'
import { configSchema } from './schema.ts'

/** JSON Schema of `config.yaml` for editors (draft 2020-12). */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })
  return { ...schema, title: 'Switchyard configuration' }
}
