import type { Provider } from './provider.ts'

/** Finds providers by id, alias or host. */
export interface ProviderRegistry {
  get: (id: string) => Provider | undefined
  /** The provider whose host an address names. */
  byUrl: (url: string) => Provider | undefined
  all: () => readonly Provider[]
  /** The same registry with more providers; one of the same id takes the old one's place. */
  with: (...more: readonly Provider[]) => ProviderRegistry
}

export function createRegistry(list: readonly Provider[]): ProviderRegistry {
  const byId = new Map<string, Provider>()
  for (const provider of list) for (const alias of provider.aliases ?? []) byId.set(alias, provider)
  for (const provider of list) byId.set(provider.id, provider)
  const byHost = new Map<string, Provider>()
  for (const provider of list)
    for (const host of hostsOf(provider)) if (!byHost.has(host)) byHost.set(host, provider)

  return {
    get: (id) => byId.get(id),
    byUrl: (url) => {
      const host = URL.parse(url)?.host
      if (host === undefined) return undefined
      return byHost.get(host) ?? [...byHost].find(([known]) => host.endsWith(`.${known}`))?.[1]
    },
    all: () => list,
    with: (...more) =>
      createRegistry([...list.filter(({ id }) => !more.some((other) => other.id === id)), ...more]),
  }
}

/** The hosts that tell a provider. Addresses of one's own machine tell nothing. */
function hostsOf(provider: Provider): string[] {
  const host = provider.baseUrl?.includes('{') === true ? undefined : URL.parse(provider.baseUrl ?? '')?.host
  const own = host !== undefined && !/^(localhost|127\.)/.test(host) ? [host] : []
  return [...own, ...(provider.hosts ?? [])]
}
