import { generateKey } from '../auth/virtual-key.ts'
import { sealingKeys } from '../models/sealing-keys.ts'
import type { RestRoute } from '../rest/route.ts'
import type { Services } from '../services.ts'
import { createSealer } from '../store/seal.ts'
import { readBalances } from '../store/tables/balances.ts'
import type { Admin } from './admin.ts'
import { createAuditRoutes } from './audit-log.ts'
import { createBudgetRoutes } from './budgets.ts'
import { createCacheRoutes } from './cache-routes.ts'
import { createConfigRoutes } from './config-routes.ts'
import { createCustomerRoutes } from './customers.ts'
import { createKeyRoutes } from './keys/routes.ts'
import { createCredentialRoutes } from './models/credentials.ts'
import { createModelRoutes } from './models/routes.ts'
import { createOrganizationRoutes } from './organizations/routes.ts'
import { readAdminSettings } from './settings.ts'
import { createSpendRoutes } from './spend/index.ts'
import { createTagRoutes } from './tags.ts'
import { createTeamRoutes } from './teams/routes.ts'
import { createUserRoutes } from './users/routes.ts'

/** LiteLLM's admin API: everything that is administered over HTTP. Without a store every call is refused. */
export function createAdminRoutes(services: Services): readonly RestRoute[] {
  const { config, store, nowMs, newId } = services
  const admin: Admin = {
    store,
    balances: readBalances,
    settings: readAdminSettings(config),
    nowMs,
    newId,
    newKey: generateKey,
  }
  const sealer = createSealer(sealingKeys(config.settings))
  return [
    ...createKeyRoutes(admin),
    ...createTeamRoutes(admin),
    ...createUserRoutes(admin),
    ...createOrganizationRoutes(admin),
    ...createCustomerRoutes(admin),
    ...createBudgetRoutes(admin),
    ...createTagRoutes(admin),
    ...createAuditRoutes(admin),
    ...createSpendRoutes(admin, services),
    ...createModelRoutes(admin, sealer),
    ...createCredentialRoutes(admin, sealer),
    ...createConfigRoutes(config),
    ...createCacheRoutes(services),
  ]
}
