import type { Json, JsonObject } from '../types/json.ts'

/**
 * Takes fields out of a body by path: `response_format`, `tools[*].function.strict`, `messages[0].name`
 * (LiteLLM's `additional_drop_params`). Values on the way are copied, never changed.
 */
export function dropPaths(body: JsonObject, paths: readonly string[]): JsonObject {
  return paths.reduce((result, path) => drop(result, stepsOf(path)) as JsonObject, body)
}

function stepsOf(path: string): string[] {
  return path
    .replaceAll(/\[(\*|\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '')
}

function drop(value: Json, steps: readonly string[]): Json {
  const [step, ...rest] = steps
  if (step === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((member, index) =>
      step === '*' || step === String(index) ? drop(member, rest) : member,
    )
  const next = value[step]
  if (next === undefined) return value
  if (rest.length === 0) {
    const { [step]: _dropped, ...others } = value
    return others
  }
  return { ...value, [step]: drop(next, rest) }
}
