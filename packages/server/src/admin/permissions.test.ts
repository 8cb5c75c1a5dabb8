import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER } from '../auth/fixed-principals.ts'
import type { Principal } from '../auth/principal.ts'
import { loadConfig } from '../config/index.ts'
import { Loopback } from '../http/testing/loopback.ts'
import type { RestRoute } from '../rest/route.ts'
import { createRest } from '../rest/rest.ts'
import { createRoutes } from '../rest/routes/index.ts'
import { createServices } from '../services.ts'
import type { Services } from '../services.ts'
import { createAdminRoutes } from './index.ts'

const plain: Principal = { ...MASTER, type: 'key', role: 'key', userId: undefined, keyHash: 'hash' }
const user: Principal = { ...plain, role: 'internal_user', userId: 'u' }

/** Callers by the letter that the table has for them. */
const CALLERS: Readonly<Record<string, Principal | undefined>> = {
  n: undefined,
  k: plain,
  v: { ...user, role: 'internal_user_viewer' },
  u: user,
  t: { ...user, adminOfTeams: ['t'], memberOfTeams: ['t'] },
  o: { ...user, adminOfOrganizations: ['o'] },
  r: { ...user, role: 'proxy_admin_viewer' },
  a: MASTER,
}

/**
 * Who gets through the door of each route: n nobody in particular, k a key without a user, v internal_user_viewer,
 * u internal_user, t the admin of a team, o the admin of an organization, r proxy_admin_viewer, a proxy_admin.
 */
const EXPECTED = `
DELETE /credentials/:credential_name a
DELETE /organization/delete a
DELETE /organization/member_delete oa
GET / nkvutora
GET /agent/daily/activity ra
GET /audit ra
GET /audit/:id ra
GET /budget/list ra
GET /budget/settings ra
GET /cache/ping ra
GET /config/field/info ra
GET /config/list ra
GET /config/yaml ra
GET /credentials ra
GET /credentials/by_model/:model_id ra
GET /credentials/by_name/:credential_name ra
GET /customer/daily/activity ra
GET /customer/info ra
GET /customer/list ra
GET /docs nkvutora
GET /end_user/daily/activity ra
GET /end_user/info ra
GET /end_user/list ra
GET /get/config/callbacks ra
GET /global/activity kvutora
GET /global/activity/cache_hits kvutora
GET /global/activity/exceptions ra
GET /global/activity/exceptions/deployment ra
GET /global/activity/model kvutora
GET /global/all_end_users ra
GET /global/spend kvutora
GET /global/spend/all_tag_names ra
GET /global/spend/keys kvutora
GET /global/spend/logs kvutora
GET /global/spend/models kvutora
GET /global/spend/provider kvutora
GET /global/spend/report ra
GET /global/spend/tags ra
GET /global/spend/teams ra
GET /health ra
GET /health/history ra
GET /health/latest ra
GET /health/live nkvutora
GET /health/liveliness nkvutora
GET /health/liveness nkvutora
GET /health/readiness nkvutora
GET /health/readiness/details kvutora
GET /health/ready nkvutora
GET /health/services ra
GET /key/aliases kvutora
GET /key/info kvutora
GET /key/list kvutora
GET /metrics kvutora
GET /model/info kvutora
GET /model_group/info kvutora
GET /models kvutora
GET /models/* kvutora
GET /openapi.json nkvutora
GET /organization/daily/activity kvutora
GET /organization/info vutora
GET /organization/list vutora
GET /routes nkvutora
GET /spend/keys kvutora
GET /spend/logs kvutora
GET /spend/logs/session/ui kvutora
GET /spend/logs/ui kvutora
GET /spend/logs/ui/:request_id kvutora
GET /spend/logs/v2 kvutora
GET /spend/tags ra
GET /spend/users kvutora
GET /tag/daily/activity ra
GET /tag/list vutora
GET /team/:team_id/members/me kvutora
GET /team/available kvutora
GET /team/daily/activity kvutora
GET /team/info kvutora
GET /team/list kvutora
GET /team/permissions_list kvutora
GET /user/available_roles kvutora
GET /user/daily/activity kvutora
GET /user/daily/activity/aggregated kvutora
GET /user/get_users ora
GET /user/info kvutora
GET /user/list ora
GET /utils/supported_openai_params kvutora
GET /v1/model/info kvutora
GET /v1/models kvutora
GET /v1/models/* kvutora
GET /v2/model/info kvutora
GET /v2/team/list kvutora
GET /v2/user/info kvutora
PATCH /credentials/:credential_name a
PATCH /model/:model_id/update a
PATCH /organization/member_update oa
PATCH /organization/update oa
PATCH /team/:team_id toa
POST /budget/delete a
POST /budget/info ra
POST /budget/new a
POST /budget/update a
POST /cache/delete a
POST /cache/flushall a
POST /credentials a
POST /customer/block a
POST /customer/delete a
POST /customer/new a
POST /customer/unblock a
POST /customer/update a
POST /end_user/block a
POST /end_user/delete a
POST /end_user/new a
POST /end_user/unblock a
POST /end_user/update a
POST /global/spend/end_users ra
POST /global/spend/reset a
POST /key/:key/regenerate utoa
POST /key/:key/reset_spend utoa
POST /key/block utoa
POST /key/bulk_update utoa
POST /key/delete utoa
POST /key/generate utoa
POST /key/health kvutora
POST /key/regenerate utoa
POST /key/service-account/generate utoa
POST /key/unblock utoa
POST /key/update utoa
POST /messages/count_tokens kvutora
POST /model/delete a
POST /model/new a
POST /model/update a
POST /organization/info vutora
POST /organization/member_add oa
POST /organization/new a
POST /spend/calculate kvutora
POST /tag/delete a
POST /tag/info vutora
POST /tag/new a
POST /tag/update a
POST /team/block toa
POST /team/bulk_member_add utoa
POST /team/delete oa
POST /team/member_add utoa
POST /team/member_delete utoa
POST /team/member_update utoa
POST /team/model/add toa
POST /team/model/delete toa
POST /team/new oa
POST /team/permissions_update toa
POST /team/unblock toa
POST /team/update toa
POST /user/bulk_update utoa
POST /user/delete a
POST /user/new oa
POST /user/update utoa
POST /utils/route ra
POST /utils/token_counter kvutora
POST /utils/transform_request ra
POST /v1/messages/count_tokens kvutora
POST /v2/key/info kvutora
`

describe('every route', () => {
  let services: Services
  let routes: readonly RestRoute[]
  let server: Loopback
  let close: () => Promise<void>
  beforeAll(async () => {
    const loaded = await loadConfig({
      path: 'config.yaml',
      readFile: () => Promise.resolve('general_settings: {master_key: sk-1}\nmodel_list: []'),
      env: {},
    })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
    services = createServices({ config: loaded.config, version: '1', env: () => undefined })
    const administered = createAdminRoutes(services)
    routes = createRoutes(services, administered)
    const identify = ({ headers }: { headers: NodeJS.Dict<string | string[]> }): Principal => {
      const caller = CALLERS[String(headers['x-caller'])]
      if (caller === undefined) throw Object.assign(new Error('no key'), { statusCode: 401 })
      return caller
    }
    const rest = await createRest(services, identify, administered)
    server = await Loopback.listen(rest.handle)
    close = rest.close
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await close()
    await services.upstream.close()
  })

  /** Whoever is let in may still be told that their request makes no sense. */
  const isLetIn = async (method: string, path: string, caller: string): Promise<boolean> => {
    const response = await fetch(server.url(path), { method, headers: { 'x-caller': caller } })
    await response.body?.cancel()
    return response.status !== 401 && response.status !== 403
  }

  it('lets in whom the table says, and nobody else', async () => {
    const found: string[] = []
    for (const { method, paths } of routes)
      for (const path of paths) {
        const asked = path.replaceAll(/:\w+|\*/g, 'x')
        const letters = await Promise.all(
          Object.keys(CALLERS).map(async (caller) => ((await isLetIn(method, asked, caller)) ? caller : '')),
        )
        found.push(`${method} ${path} ${letters.join('')}`)
      }
    expect(found.toSorted().join('\n')).toBe(EXPECTED.trim())
  })

  it.each(['//key/list', '/KEY/list', '/v1/../key/list', '/%6bey/list', '/key/list#/health', '/key/./list'])(
    'is not reached as %s',
    async (path) => {
      const answer = await server.exchange(
        `GET ${path} HTTP/1.1\r\nHost: x/#@y\r\nX-Forwarded-Uri: /\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    },
  )

  it('is decided by the method that was sent', async () => {
    const headers = { 'x-caller': 'u', 'x-http-method-override': 'GET' }
    const response = await fetch(server.url('/organization/new'), { method: 'POST', headers })
    expect(response.status).toBe(403)
  })
})
