import { createHash } from 'node:crypto'
import { isPlainObject } from '../document/tree.ts'
import type { Plain } from '../document/tree.ts'

/**
 * SHA-256 over group name and `litellm_params`, as LiteLLM makes its ids, with two differences: references count as
 * written, so that a new key does not make a new deployment, and the order of the keys does not matter.
 */
export function deploymentId(modelGroup: string, writtenParams: Plain): string {
  return createHash('sha256')
    .update(JSON.stringify([modelGroup, sortKeys(writtenParams)]))
    .digest('hex')
}

function sortKeys(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isPlainObject(value)) return value
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(names.map((name) => [name, sortKeys(value[name] ?? null)]))
}
