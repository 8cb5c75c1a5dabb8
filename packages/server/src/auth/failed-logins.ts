import { isIP } from 'node:net'

/** Counts failed logins by the address they come from. */
export interface FailedLogins {
  readonly note: (address: string | undefined) => void
  /** How long nobody from there is looked up any more; 0: who comes is looked up. */
  readonly waitMs: (address: string | undefined) => number
}

const FAILED_LOGINS_WINDOW_MS = 60_000

/** Addresses that are remembered; the one that began longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000

/** @param max In a window that the first failure opens; 0: they are not counted. */
export function createFailedLogins(max: number, monotonicMs: () => number): FailedLogins {
  const windows = new Map<string, { count: number; readonly endMs: number }>()

  return {
    note: (address) => {
      if (max === 0 || address === undefined) return
      const name = networkOf(address)
      const nowMs = monotonicMs()
      const open = windows.get(name)
      if (open !== undefined && nowMs < open.endMs) {
        open.count++
        return
      }
      windows.delete(name)
      windows.set(name, { count: 1, endMs: nowMs + FAILED_LOGINS_WINDOW_MS })
      const [oldest] = windows.keys()
      if (windows.size > MAX_ADDRESSES && oldest !== undefined) windows.delete(oldest)
    },
    waitMs: (address) => {
      if (windows.size === 0 || address === undefined) return 0
      const open = windows.get(networkOf(address))
      return open === undefined || open.count < max ? 0 : Math.max(0, open.endMs - monotonicMs())
    },
  }
}

/** Whoever has one IPv6 address has all of its network. */
function networkOf(address: string): string {
  return isIP(address) === 6 ? address.split(':', 4).join(':') : address
}
