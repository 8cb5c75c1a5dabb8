/** `['model_list', 0, 'litellm_params']` as `model_list[0].litellm_params`. */
export function formatPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => appendStep(path, step), '')
}

/** The path one step deeper; a key with unusual characters is quoted: `model_group_alias["gpt-4.1"]`. */
export function appendStep(path: string, step: PropertyKey): string {
  if (typeof step === 'number') return `${path}[${step}]`
  const key = String(step)
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** The path one step up; of a top-level key, the empty path. */
export function parentPath(path: string): string {
  const quoted = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/.exec(path)
  if (quoted !== null) return path.slice(0, quoted.index)
  return path.slice(0, Math.max(path.lastIndexOf('.'), 0))
}
