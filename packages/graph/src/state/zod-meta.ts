import type { BaseChannel } from '../channels/index.ts'
import { BinaryOperatorAggregate, LastValue } from '../channels/index.ts'
import type { ObjectSchema, SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts'
import { schemaDefault } from './standard-schema.ts'

/** What a field of an object schema means to a graph, beyond what it validates. */
export interface SchemaMeta<Value = unknown, Update = Value> {
  readonly reducer?:
    | {
        readonly schema?: StandardSchema<unknown, Update>
        readonly fn: (value: Value, update: Update) => Value
      }
    | undefined
  readonly default?: (() => Value) | undefined
  /** Carried into the published JSON Schema. */
  readonly jsonSchemaExtra?: Record<string, unknown> | undefined
}

/** A schema whose field takes updates of another shape than its value. */
export type WithReducer<Schema, Update> = Schema & {
  readonly lg_reducer_schema: StandardSchema<Update, Update>
}

/** Keeps what schemas mean to graphs, apart from the schemas. */
export class SchemaMetaRegistry {
  private readonly metas: WeakMap<object, SchemaMeta> = new WeakMap()

  get(schema: object): SchemaMeta | undefined {
    return this.metas.get(schema)
  }

  has(schema: object): boolean {
    return this.metas.has(schema)
  }

  remove(schema: object): this {
    this.metas.delete(schema)
    return this
  }

  /** What zod's own `.register(registry, meta)` calls. */
  add(schema: object, meta: SchemaMeta): this {
    this.metas.set(schema, meta)
    return this
  }

  extend(schema: object, change: (meta: SchemaMeta | undefined) => SchemaMeta): void {
    this.metas.set(schema, change(this.metas.get(schema)))
  }

  /** One fresh channel a field. */
  getChannelsForSchema(schema: ObjectSchema): Record<string, BaseChannel> {
    return Object.fromEntries(
      Object.entries(schema.shape).map(([key, field]) => {
        const meta = this.metas.get(field)
        const initial = schemaDefault(field) ?? meta?.default
        if (meta?.reducer === undefined) return [key, new LastValue(initial)]
        return [key, new BinaryOperatorAggregate(meta.reducer.fn, initial)]
      }),
    )
  }

  /** What validates an update of a field. */
  updateSchema(field: StandardSchema): StandardSchema {
    return this.metas.get(field)?.reducer?.schema ?? field
  }
}

/** The registry that {@link withLangGraph} writes. */
export const schemaMetaRegistry: SchemaMetaRegistry = new SchemaMetaRegistry()

/**
 * Gives a field of an object schema a reducer, a default, or extras for its JSON Schema.
 * @example z.object({ notes: withLangGraph(z.array(z.string()), { reducer: { fn: (all, more) => [...all, ...more] }, default: () => [] }) })
 */
export function withLangGraph<Schema extends StandardSchema, Update = SchemaOutput<Schema>>(
  schema: Schema,
  meta: SchemaMeta<SchemaOutput<Schema>, Update>,
): WithReducer<Schema, Update> {
  const initial = meta.default ?? (meta.reducer && schemaDefault(schema))
  schemaMetaRegistry.extend(schema, () => ({ ...meta, default: initial }) as SchemaMeta)
  return Object.assign(schema, {
    lg_reducer_schema: meta.reducer?.schema ?? schema,
  }) as WithReducer<Schema, Update>
}

/** What nodes read of an object schema. */
export type ObjectSchemaState<Schema> = Schema extends { readonly shape: infer Shape }
  ? { [Key in keyof Shape]: SchemaOutput<Shape[Key]> }
  : SchemaOutput<Schema>

/** What nodes write to an object schema. */
export type ObjectSchemaUpdate<Schema> = Schema extends { readonly shape: infer Shape }
  ? {
      [Key in keyof Shape]?: Shape[Key] extends { readonly lg_reducer_schema: infer Reducer }
        ? SchemaInput<Reducer>
        : SchemaInput<Shape[Key]>
    }
  : Partial<SchemaInput<Schema> & object>
