import { resolve } from 'node:path'
import { readEnvironment } from '../../config/index.ts'
import { readAdminKey } from '../start/admin-key.ts'
import { isLoopback } from '../start/host.ts'
import type { World } from '../world.ts'

/** What every command takes that asks a running gateway. */
export interface GatewayFlags {
  url: string
  key?: string | undefined
  data?: string | undefined
}

/** A running gateway and the key for it. */
export interface GatewayAddress {
  url: string
  key: string | undefined
}

/** The key that was given, else the one of the environment, else the one that a gateway on this machine keeps. */
export async function findGateway(flags: GatewayFlags, world: World): Promise<GatewayAddress> {
  const { key, url, data } = flags
  const { settings } = readEnvironment(world.env)
  const given = [key, world.env['SWITCHYARD_API_KEY'], settings.masterKey?.reveal()]
  const first = given.find((one) => one !== undefined && one !== '')
  if (first !== undefined) return { url, key: first }
  if (!isLoopback(URL.parse(url)?.hostname ?? '')) return { url, key: undefined }
  const kept = await readAdminKey(resolve(world.directory, data ?? settings.dataDirectory ?? '.switchyard'))
  return { url, key: kept?.reveal() }
}
