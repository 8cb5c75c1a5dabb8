const encoder = new TextEncoder()

/** One server-sent event: the mode, with the levels of the subgraph behind it, and the data as JSON. */
export function encodeEvent(mode: string, namespace: readonly string[] | null, data: unknown): Uint8Array {
  const event = namespace === null || namespace.length === 0 ? mode : `${mode}|${namespace.join('|')}`
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data, plain)}\n\n`)
}

/** What JSON has no word for, so that a stream does not break on it. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Error) return { name: value.name, message: value.message }
  return value
}
