import { StateSchema } from '../state/state-schema.ts'
import type { ObjectSchema, StandardSchema } from '../state/standard-schema.ts'
import { isObjectSchema, schemaJson } from '../state/standard-schema.ts'
import type { StateSpec } from '../state/definition.ts'
import type { SchemaMetaRegistry } from '../state/zod-meta.ts'
import { schemaMetaRegistry } from '../state/zod-meta.ts'
import { CompiledStateGraph } from './compiled.ts'

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>

/** JSON Schema of a graph's state; `undefined` where its declaration cannot write one, as annotations cannot. */
export function getStateTypeSchema(
  graph: unknown,
  registry: SchemaMetaRegistry = schemaMetaRegistry,
): JsonSchema | undefined {
  return valuesOf(builderOf(graph)?.stateSpec, registry)
}

/** JSON Schema of what nodes may return. */
export function getUpdateTypeSchema(
  graph: unknown,
  registry: SchemaMetaRegistry = schemaMetaRegistry,
): JsonSchema | undefined {
  return updateOf(builderOf(graph)?.stateSpec, registry)
}

/** JSON Schema of what the graph may be invoked with. */
export function getInputTypeSchema(
  graph: unknown,
  registry: SchemaMetaRegistry = schemaMetaRegistry,
): JsonSchema | undefined {
  return updateOf(builderOf(graph)?.inputSpec, registry)
}

/** JSON Schema of what the graph returns. */
export function getOutputTypeSchema(
  graph: unknown,
  registry: SchemaMetaRegistry = schemaMetaRegistry,
): JsonSchema | undefined {
  return valuesOf(builderOf(graph)?.outputSpec, registry)
}

/** JSON Schema of the run's context. */
export function getConfigTypeSchema(
  graph: unknown,
  registry: SchemaMetaRegistry = schemaMetaRegistry,
): JsonSchema | undefined {
  const schema = builderOf(graph)?.contextSchema
  return isObjectSchema(schema) ? objectJson(schema, registry, (field) => field) : schemaJson(schema)
}

const builderOf = (graph: unknown): CompiledStateGraph['builder'] | undefined =>
  graph instanceof CompiledStateGraph ? graph.builder : undefined

function valuesOf(spec: StateSpec | undefined, registry: SchemaMetaRegistry): JsonSchema | undefined {
  const source = spec?.source
  if (source === undefined) return undefined
  return StateSchema.isInstance(source)
    ? source.getJsonSchema()
    : objectJson(source, registry, (field) => field)
}

/** Of an update no key is required, and a key with a reducer takes what that takes. */
function updateOf(spec: StateSpec | undefined, registry: SchemaMetaRegistry): JsonSchema | undefined {
  const source = spec?.source
  if (source === undefined) return undefined
  if (StateSchema.isInstance(source)) return source.getInputJsonSchema()
  const json = objectJson(source, registry, (field) => registry.updateSchema(field))
  if (json === undefined) return undefined
  const { required: _all, ...rest } = json
  return rest
}

function objectJson(
  schema: ObjectSchema,
  registry: SchemaMetaRegistry,
  fieldOf: (field: StandardSchema) => StandardSchema,
): JsonSchema | undefined {
  const json = schemaJson(schema)
  if (json === undefined) return undefined
  const properties: Record<string, unknown> = { ...(json['properties'] as object) }
  for (const [key, field] of Object.entries(schema.shape)) {
    const shown = fieldOf(field)
    if (shown !== field) properties[key] = withoutDialect(schemaJson(shown))
    const extra = registry.get(field)?.jsonSchemaExtra
    if (extra !== undefined) properties[key] = { ...(properties[key] as object), ...extra }
  }
  return { ...json, properties }
}

function withoutDialect(json: JsonSchema | undefined): JsonSchema {
  const { $schema: _dialect, ...rest } = json ?? {}
  return rest
}
