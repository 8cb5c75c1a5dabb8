import type { Provider } from '../providers/provider.ts'
import type { Quirks } from '../types/quirks.ts'

/** A provider's quirks for one model: its own, then those of every pattern that the name matches. */
export function quirksOf(provider: Provider, model: string): Quirks {
  const more = provider.modelQuirks?.filter(({ match }) => match.test(model)) ?? []
  if (more.length === 0) return provider.quirks ?? {}
  const all = [provider.quirks ?? {}, ...more.map(({ quirks }) => quirks)]
  const unsupported = all.flatMap((quirks) => quirks.unsupported ?? [])
  const merged: Quirks = Object.assign({}, ...all)
  return unsupported.length > 0 ? { ...merged, unsupported } : merged
}
