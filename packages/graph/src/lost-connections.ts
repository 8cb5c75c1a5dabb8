import type pg from 'pg'

/** Nothing is to be done: the query that needs the connection next fails, or gets a new one. */
const ignore = (): void => undefined

/**
 * A pool that outlives its connections. A server that restarts cuts them; `pg` tells of that by an event that ends the
 * process when nobody listens, from idle connections to the pool, from those in use to themselves.
 */
export function outliveConnections(pool: pg.Pool): pg.Pool {
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return pool
}
