import { createRequire } from 'node:module'

/**
 * Loads a driver that only those install who use it. It is not waited for, since savers are opened in one line.
 *
 * @throws {Error} that says what to install
 */
export function loadPeer(name: string, user: string): unknown {
  try {
    return createRequire(import.meta.url)(name)
  } catch (cause) {
    throw new Error(`${user} needs the package \`${name}\`: npm install ${name}`, { cause })
  }
}
