import type { Provider } from '../providers/provider.ts'
import type { Quirks } from '../types/quirks.ts'

/** A provider's quirks for one model: its own, then those of every pattern that the name matches. */
export function quirksOf(provider: Provider, model: string): Quirks {
  let quirks = provider.quirks ?? {}
  for (const { match, quirks: more } of provider.modelQuirks ?? []) {
    if (!match.test(model)) continue
    const unsupported = [...(quirks.unsupported ?? []), ...(more.unsupported ?? [])]
    quirks = { ...quirks, ...more, ...(unsupported.length > 0 ? { unsupported } : {}) }
  }
  return quirks
}
