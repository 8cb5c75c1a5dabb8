/** Who can prove to be the administrator. */
export type Credential =
  /** A master key that the user set. */
  | 'user'
  /** A key that this server made for itself. */
  | 'generated'
  /** Everybody is administrator, LiteLLM's rule for a configuration without a master key. */
  | 'none'

const LOOPBACK = '127.0.0.1'
const EVERYWHERE = '0.0.0.0'

/** The address to listen on, or `undefined` for one that may not be opened: others reach it and nobody is asked for a key. */
export function chooseHost(asked: string | undefined, credential: Credential): string | undefined {
  if (asked === undefined) return credential === 'user' ? EVERYWHERE : LOOPBACK
  return credential === 'none' && !isLoopback(asked) ? undefined : asked
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare)
}

/** An address that this machine reaches the server by: `0.0.0.0` is for listening only. */
export function reachableUrl(host: string, port: number): string {
  const isEverywhere = host === EVERYWHERE || host === '::' || host === '[::]'
  const bare = isEverywhere ? LOOPBACK : host.replace(/^\[|\]$/g, '')
  return `http://${bare.includes(':') ? `[${bare}]` : bare}:${port}`
}
