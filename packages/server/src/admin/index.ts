import { generateKey } from '../auth/virtual-key.ts'
import type { RestRoute } from '../rest/route.ts'
import type { Services } from '../services.ts'
import type { Admin } from './admin.ts'
import { createKeyRoutes } from './keys/routes.ts'
import { readAdminSettings } from './settings.ts'
import { ledgerBalances } from './spending.ts'

/** LiteLLM's admin API: everything that is administered over HTTP. `store`: left out, every call is refused. */
export function createAdminRoutes(
  { config, nowMs, newId }: Services,
  store: Admin['store'],
): readonly RestRoute[] {
  const admin: Admin = {
    store,
    balances: ledgerBalances,
    settings: readAdminSettings(config),
    nowMs,
    newId,
    newKey: generateKey,
  }
  return [...createKeyRoutes(admin)]
}
