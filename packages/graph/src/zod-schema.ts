export {
  getConfigTypeSchema,
  getInputTypeSchema,
  getOutputTypeSchema,
  getStateTypeSchema,
  getUpdateTypeSchema,
} from './graph/type-schemas.ts'
export type { JsonSchema } from './graph/type-schemas.ts'
