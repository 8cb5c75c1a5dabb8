import { tool } from './tool.ts'
import type { Tool } from './tool.ts'

export interface TavilyOptions {
  readonly apiKey: string
  /** Default: 5. */
  readonly maxResults?: number | undefined
  readonly topic?: 'general' | 'news' | 'finance' | undefined
  readonly searchDepth?: 'basic' | 'advanced' | undefined
  readonly includeDomains?: readonly string[] | undefined
  readonly excludeDomains?: readonly string[] | undefined
  /** Default: https://api.tavily.com */
  readonly baseUrl?: string | undefined
  /** How the call is made; for tests and proxies. */
  readonly fetch?: typeof fetch | undefined
}

interface TavilyAnswer {
  readonly results?: readonly { readonly title?: string; readonly url?: string; readonly content?: string }[]
  readonly detail?: { readonly error?: string }
}

/**
 * A tool that searches the web through Tavily. What it brings is marked as untrusted.
 *
 * @example tavilySearch({ apiKey: process.env.TAVILY_API_KEY ?? '', maxResults: 2 })
 * @throws {TypeError} when the key is empty
 */
export function tavilySearch(options: TavilyOptions): Tool<{ query: string }> {
  const { apiKey, maxResults = 5, baseUrl = 'https://api.tavily.com', fetch: call = fetch } = options
  if (apiKey === '')
    throw new TypeError('tavilySearch: the apiKey is empty. Get one at tavily.com and pass it.')
  const body = {
    max_results: maxResults,
    topic: options.topic,
    search_depth: options.searchDepth,
    include_domains: options.includeDomains,
    exclude_domains: options.excludeDomains,
  }
  return tool(
    async ({ query }: { query: string }, { signal }) => {
      const response = await call(`${baseUrl}/search`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, query }),
        signal: signal ?? null,
      })
      const answer = (await response.json().catch(() => ({}))) as TavilyAnswer
      if (!response.ok)
        throw new Error(`Tavily answered ${response.status}: ${answer.detail?.error ?? 'no reason given'}`)
      const results = answer.results ?? []
      return results.map(({ title = '', url = '', content = '' }) => ({ title, url, content }))
    },
    {
      name: 'tavily_search',
      description: 'Searches the web and gives titles, addresses and excerpts of what it found.',
      schema: {
        type: 'object',
        properties: { query: { type: 'string', description: 'What to look for.' } },
        required: ['query'],
        additionalProperties: false,
      },
      trust: 'untrusted',
    },
  )
}
