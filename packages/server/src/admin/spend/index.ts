import type { RestRoute } from '../../rest/route.ts'
import type { Services } from '../../services.ts'
import type { Admin } from '../admin.ts'
import { createActivityRoutes } from './activity-routes.ts'
import { createCalculateRoute } from './calculate.ts'
import { createGlobalActivityRoutes } from './global-activity.ts'
import { createLogRoutes } from './log-routes.ts'
import { createReportRoute } from './report.ts'
import { createRankingRoutes } from './rankings.ts'
import { createSpenderRoutes } from './spenders.ts'
import { createTotalRoutes } from './total.ts'

/** What was spent, by whom and on what: LiteLLM's routes over the ledger. */
export function createSpendRoutes(admin: Admin, services: Services): readonly RestRoute[] {
  return [
    ...createLogRoutes(admin),
    ...createSpenderRoutes(admin),
    createCalculateRoute(services),
    ...createTotalRoutes(admin, services.config),
    createReportRoute(admin),
    ...createRankingRoutes(admin),
    ...createActivityRoutes(admin),
    ...createGlobalActivityRoutes(admin),
  ]
}
