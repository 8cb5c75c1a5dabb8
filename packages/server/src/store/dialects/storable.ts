/**
 * A parameter as both databases store it. PostgreSQL has no texts with U+0000, which a client may put into any name;
 * both get U+FFFD in its place, so that one such request does not hold up the batch that it is in.
 */
export function storable(parameter: unknown): unknown {
  if (typeof parameter === 'string')
    return parameter.includes('\0') ? parameter.replaceAll('\0', '\uFFFD') : parameter
  return Array.isArray(parameter) ? parameter.map(storable) : parameter
}
