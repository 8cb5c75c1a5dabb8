import type { Services } from '../../services.ts'
import type { RestRoute } from '../route.ts'
import { createCountTokensRoute } from './count-tokens.ts'
import { createHealthRoutes } from './health.ts'
import { createHomeRoutes } from './home.ts'
import { createMetricsRoute } from './metrics.ts'
import { createModelGroupInfoRoute } from './model-group-info.ts'
import { createModelInfoRoutes } from './model-info.ts'
import { createModelRoutes } from './models.ts'
import { createRouteRoute } from './route.ts'
import { createTransformRequestRoute } from './transform-request.ts'
import { createUtilRoutes } from './utils.ts'

/** Every endpoint outside the fast lane, in the order they are described in. */
export function createRoutes(services: Services, administered: readonly RestRoute[]): readonly RestRoute[] {
  const routes = [
    ...createModelRoutes(services),
    ...createModelInfoRoutes(services),
    createModelGroupInfoRoute(services),
    createCountTokensRoute(services),
    ...createUtilRoutes(services),
    createTransformRequestRoute(services),
    createRouteRoute(services),
    ...administered,
    ...createHealthRoutes(services),
    createMetricsRoute(services),
  ]
  return [...routes, ...createHomeRoutes(routes, services)]
}
