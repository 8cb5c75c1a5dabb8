import type { ListNamespacesOperation, MatchCondition } from './store.ts'

/** A namespace or a key that no store takes. */
export class InvalidNamespaceError extends Error {
  override name = 'InvalidNamespaceError'
}

function shown(namespace: unknown): string {
  return JSON.stringify(namespace) ?? typeof namespace
}

function checkLabels(namespace: readonly string[]): void {
  for (const label of namespace) {
    if (typeof label !== 'string' || label === '') {
      throw new InvalidNamespaceError(
        `store: the namespace ${shown(namespace)} has a label that is no text or empty. Each needs at least one character.`,
      )
    }
    if (label.includes('.') || label.includes('\0')) {
      throw new InvalidNamespaceError(
        `store: the label "${label}" of ${shown(namespace)} has a period or a NUL in it. Write it as two labels, or with another character.`,
      )
    }
  }
}

/**
 * Refuses namespaces that could be confused with another, or that LangGraph keeps for itself.
 *
 * @throws {InvalidNamespaceError}
 */
export function checkNamespace(namespace: readonly string[]): void {
  if (!Array.isArray(namespace) || namespace.length === 0) {
    throw new InvalidNamespaceError(
      `store: the namespace ${shown(namespace)} is empty. Write a list of labels, such as ['users', id].`,
    )
  }
  checkLabels(namespace)
  if (namespace[0] === 'langgraph') {
    throw new InvalidNamespaceError(
      `store: the namespace ${shown(namespace)} begins with "langgraph", which is reserved. Begin it with another label.`,
    )
  }
}

/** As `checkNamespace`, for a prefix: it may be empty. */
export function checkPrefix(prefix: readonly string[]): void {
  if (!Array.isArray(prefix)) {
    throw new InvalidNamespaceError(`store: the prefix ${shown(prefix)} is no list of labels.`)
  }
  checkLabels(prefix)
}

/** @throws {InvalidNamespaceError} when a key is no text, empty, or has a NUL in it. */
export function checkKey(key: string): void {
  if (typeof key === 'string' && key !== '' && !key.includes('\0')) return
  throw new InvalidNamespaceError(`store: ${shown(key)} is no key. Write a text of at least one character.`)
}

/** A namespace as one text. A prefix's text begins the texts of the namespaces below it and of no other. */
export function encodeNamespace(namespace: readonly string[]): string {
  return namespace.map((label) => `${label}.`).join('')
}

export function decodeNamespace(text: string): string[] {
  return text.split('.').slice(0, -1)
}

/** The first text, in order of code points, that does not begin with a prefix's text. */
export function afterPrefix(text: string): string {
  // `/` follows `.`, with which every prefix's text ends.
  return `${text.slice(0, -1)}/`
}

function matches({ matchType, path }: MatchCondition, namespace: readonly string[]): boolean {
  if (path.length > namespace.length) return false
  const start = matchType === 'prefix' ? 0 : namespace.length - path.length
  return path.every((label, index) => label === '*' || label === namespace[start + index])
}

/** What `listNamespaces` answers, from all namespaces that hold items. */
export function selectNamespaces(all: Iterable<string>, operation: ListNamespacesOperation): string[][] {
  const { matchConditions = [], maxDepth, limit, offset } = operation
  const texts = new Set<string>()
  for (const text of all) {
    const namespace = decodeNamespace(text)
    if (!matchConditions.every((condition) => matches(condition, namespace))) continue
    texts.add(encodeNamespace(namespace.slice(0, maxDepth)))
  }
  return [...texts]
    .sort()
    .slice(offset, offset + limit)
    .map(decodeNamespace)
}
