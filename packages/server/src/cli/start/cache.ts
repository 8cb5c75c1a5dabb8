import { isSwitchyardError } from '@switchyard/llm/kit'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { AnswerCache } from '../../cache/answer-cache.ts'
import { openCache } from '../../cache/open.ts'
import type { GatewayConfig } from '../../config/index.ts'
import { CommandError, exitCodes, systemCodeOf, messageOf } from '../world.ts'
import type { World } from '../world.ts'

interface FollowCacheInput {
  /** What the server keeps on this machine. */
  readonly data: string
  readonly log: Logger
  readonly world: Pick<World, 'env' | 'nowMs'>
}

/** The cache that the configuration in force asks for: the same one for as long as nothing about it changes. */
export interface FollowedCache {
  /** The one in force where nothing changes, else a new one. @throws when it cannot be opened. */
  readonly of: (config: GatewayConfig) => Promise<AnswerCache | undefined>
  /** The one of a configuration is in force now; the one before ends when requests that began with it are over. */
  readonly adopt: (config: GatewayConfig, cache: AnswerCache | undefined) => void
  readonly close: () => Promise<void>
}

/** Requests that began with a cache that is no more in force may still ask it. */
const LINGER_MS = 600_000

export function followCache({ data, log, world }: FollowCacheInput): FollowedCache {
  let settings: GatewayConfig['cache']
  let cache: AnswerCache | undefined
  return {
    of: async (config) => {
      if (isSame(config.cache, settings)) return cache
      return config.cache === undefined ? undefined : await open(config, config.cache)
    },
    adopt: (config, next) => {
      const before = cache
      if (before !== undefined && before !== next) setTimeout(() => void before.close(), LINGER_MS).unref()
      settings = config.cache
      cache = next
    },
    close: async () => await cache?.close(),
  }

  async function open(
    { environment }: GatewayConfig,
    wanted: NonNullable<GatewayConfig['cache']>,
  ): Promise<AnswerCache> {
    try {
      return await openCache({
        settings: wanted,
        dataDirectory: data,
        env: (name) => environment[name]?.reveal() ?? world.env[name],
        log,
        nowMs: world.nowMs,
        monotonicMs: () => performance.now(),
      })
    } catch (error) {
      if (isSwitchyardError(error)) throw new CommandError(error.message, exitCodes.configuration)
      if (systemCodeOf(error) !== undefined)
        throw new CommandError(`The cache cannot be opened: ${messageOf(error)}`)
      throw error
    }
  }
}

/** Secrets do not show what they are: they are compared by what they hold. */
function isSame(left: GatewayConfig['cache'], right: GatewayConfig['cache']): boolean {
  return isDeepStrictEqual(shown(left), shown(right))
}

function shown(settings: GatewayConfig['cache']): unknown {
  if (settings === undefined) return undefined
  const { store } = settings
  const secrets =
    store.kind === 'redis'
      ? [store.url?.reveal()]
      : store.kind === 's3'
        ? [store.secretAccessKey?.reveal(), store.sessionToken?.reveal()]
        : []
  return {
    ...settings,
    store: { ...store, url: undefined, secretAccessKey: undefined, sessionToken: undefined },
    secrets,
  }
}
