import { isPlainObject } from '../document/tree.ts'
import type { Plain } from '../document/tree.ts'
import { configSchema } from '../schema.ts'
import type { ConfigFile } from '../schema.ts'

/**
 * A file with wrong forms in it, without what is wrong: so that the checks of meaning can report the rest of the
 * mistakes at the same time. Entries of lists keep their index.
 */
export function salvage(value: Plain, problems: readonly (readonly PropertyKey[])[]): ConfigFile {
  const copy = structuredClone(value)
  for (const path of problems) blank(copy, path)
  const second = configSchema.safeParse(copy)
  if (second.success) return second.data
  // What is still wrong is something required: the whole entry gives way.
  for (const issue of second.error.issues) {
    blank(copy, issue.path[0] === 'model_list' ? issue.path.slice(0, 2) : issue.path.slice(0, 1))
  }
  const third = configSchema.safeParse(copy)
  return third.success ? third.data : {}
}

function blank(root: Plain, path: readonly PropertyKey[]): void {
  const last = path.at(-1)
  let parent: Plain | undefined = root
  for (const step of path.slice(0, -1)) parent = childOf(parent, step)
  if (Array.isArray(parent) && typeof last === 'number') {
    parent[last] = path[0] === 'model_list' ? { model_name: 'invalid', litellm_params: { model: '*' } } : null
  } else if (isPlainObject(parent) && typeof last === 'string') {
    delete parent[last]
  }
}

function childOf(parent: Plain | undefined, step: PropertyKey): Plain | undefined {
  if (Array.isArray(parent)) return typeof step === 'number' ? parent[step] : undefined
  return isPlainObject(parent) && typeof step === 'string' ? parent[step] : undefined
}
