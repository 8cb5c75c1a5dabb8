import { createHash } from 'node:crypto'

/** The part of `ioredis` that running a script needs. */
export interface RedisCommands {
  readonly eval: (lua: string, keys: number, key: string, argument: string) => Promise<unknown>
  readonly evalsha: (sha: string, keys: number, key: string, argument: string) => Promise<unknown>
}

/** What Redis does in one call, on one key, with one argument. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** By its hash; whole where Redis does not know it, or no longer. What is no list is an empty one. */
export async function runScript(
  redis: RedisCommands,
  { lua, sha }: Script,
  key: string,
  argument: unknown,
): Promise<readonly unknown[]> {
  const text = JSON.stringify(argument)
  const reply = await redis.evalsha(sha, 1, key, text).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return redis.eval(lua, 1, key, text)
  })
  return Array.isArray(reply) ? reply : []
}
