import { TransportError } from '@switchyard/llm/kit'
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { buildConnector } from 'undici'
import { isPrivateAddress, isPrivateName } from './private-address.ts'

/** Opens the connections to upstreams. */
export type Dialer = buildConnector.connector

/** Finds the addresses of a host name. */
export type Resolve = (
  hostname: string,
  options: { all: true; family: number | undefined },
) => Promise<LookupAddress[]>

export interface DialerOptions {
  /** Names with their ports (`llm.example.com:8000`) that may lead into a private network. */
  allowPrivate?: readonly string[] | undefined
  /** As the operating system does, when left out. */
  resolve?: Resolve | undefined
}

const CONNECT_TIMEOUT_MS = 10_000
const LOOKUP_TIMEOUT_MS = 5_000

/**
 * The one way out: every connection to a provider is opened here. A public name that leads into a private network is
 * refused, and the address that was checked is the one that is connected to, so that a name cannot change in between.
 * IP addresses and plainly private names are what somebody wrote into the configuration, and meant.
 */
export function createDialer({ allowPrivate = [], resolve = lookup }: DialerOptions = {}): Dialer {
  const allowed = new Set(allowPrivate)
  const find = boundLookups(resolve)
  const options = { allowH2: false, timeout: CONNECT_TIMEOUT_MS }
  const connectAnywhere = buildConnector({ ...options, lookup: lookupBy(find) })
  const connectPublic = buildConnector({ ...options, lookup: lookupBy(onlyPublic(find)) })
  return (target, callback) => {
    const { hostname, protocol } = target
    const port = target.port || (protocol === 'https:' ? '443' : '80')
    const isMeant =
      isIP(hostname) !== 0 || isPrivateName(hostname) || allowed.has(`${hostname.replace(/\.$/, '')}:${port}`)
    const connect = isMeant ? connectAnywhere : connectPublic
    connect(target, callback)
  }
}

type Find = (hostname: string, family: number | undefined) => Promise<LookupAddress[]>

/**
 * Lookups that end in time. One that hangs holds a thread of the operating system's few until it gives up by itself,
 * so a name is looked up once at a time, however many wait for it.
 */
function boundLookups(resolve: Resolve): Find {
  const running = new Map<string, Promise<LookupAddress[]>>()
  return (hostname, family) => {
    const key = `${hostname} ${family ?? 0}`
    let found = running.get(key)
    if (found === undefined) {
      found = resolve(hostname, { all: true, family }).finally(() => running.delete(key))
      running.set(key, found)
    }
    return inTime(found, hostname)
  }
}

async function inTime<Found>(found: Promise<Found>, hostname: string): Promise<Found> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const message = `${hostname} was not found within ${LOOKUP_TIMEOUT_MS} ms`
    reject(Object.assign(new Error(message), { code: 'EAI_TIMEOUT' }))
  }, LOOKUP_TIMEOUT_MS)
  try {
    return await Promise.race([found, late])
  } finally {
    clearTimeout(timer)
  }
}

/** One private address among public ones is enough: whoever answers so is not to be trusted with the choice. */
function onlyPublic(find: Find): Find {
  return async (hostname, family) => {
    const addresses = await find(hostname, family)
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      throw new TransportError('forbidden_address', `http://${hostname}`)
    return addresses
  }
}

/** In the form in which sockets ask. */
function lookupBy(find: Find): LookupFunction {
  const ask = callbackify(find)
  return (hostname, { all, family }, callback) => {
    ask(hostname, typeof family === 'number' ? family : undefined, (error, addresses) => {
      if (error !== null || all === true) callback(error, addresses)
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    })
  }
}
