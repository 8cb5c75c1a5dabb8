/** A multipart form as an object: lists for `name[]`, and of a file what it is. `undefined` for any other body. */
export async function readForm(
  body: Buffer,
  type: string | undefined,
): Promise<Record<string, unknown> | undefined> {
  if (type === undefined || !type.startsWith('multipart/form-data')) return undefined
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const fields: Record<string, unknown> = {}
  for (const [name, value] of form) {
    const shown = typeof value === 'string' ? value : { name: value.name, type: value.type, size: value.size }
    if (name.endsWith('[]')) fields[name] = form.getAll(name)
    else fields[name] = shown
  }
  return fields
}
