import { FAILURES, providers } from '@switchyard/llm'
import type { Provider } from '../../packages/llm/src/providers/provider.ts'
import { createAdminRoutes } from '../../packages/server/src/admin/index.ts'
import { MASTER } from '../../packages/server/src/auth/fixed-principals.ts'
import { isPermitted } from '../../packages/server/src/auth/permissions.ts'
import { configKeys } from '../../packages/server/src/config/schema.ts'
import { generalSettingsKeys } from '../../packages/server/src/config/schema/general-settings.ts'
import { litellmSettingsKeys } from '../../packages/server/src/config/schema/litellm-settings.ts'
import { litellmParamsKeys } from '../../packages/server/src/config/schema/model-list.ts'
import { routerSettingsKeys } from '../../packages/server/src/config/schema/router-settings.ts'
import { loadDefaultConfig } from '../../packages/server/src/config/index.ts'
import { demoModel } from '../../packages/server/src/demo/demo-model.ts'
import { createRoutes } from '../../packages/server/src/rest/routes/index.ts'
import { createServices } from '../../packages/server/src/services.ts'
import type { Services } from '../../packages/server/src/services.ts'
import { renderHolds, renderRefusal, renderWindows } from './budget-tables.ts'

/** Parts of pages that are made from the code: `UPDATE_DOCS=1 npx vitest run tests/docs.test.ts` writes them. */
export const generatedParts: readonly { page: string; name: string; render: () => string }[] = [
  { page: 'docs/providers.md', name: 'providers', render: renderProviders },
  { page: 'docs/errors-and-retries.md', name: 'failures', render: renderFailures },
  { page: 'docs/gateway.md', name: 'accepted keys', render: renderAcceptedKeys },
  { page: 'docs/gateway-api.md', name: 'routes', render: renderRoutes },
  { page: 'docs/admin-api.md', name: 'admin routes', render: renderAdminRoutes },
  { page: 'docs/admin-api.md', name: 'permissions', render: renderPermissions },
  { page: 'docs/budgets.md', name: 'holds', render: renderHolds },
  { page: 'docs/budgets.md', name: 'windows', render: renderWindows },
  { page: 'docs/budgets.md', name: 'refusal', render: renderRefusal },
]

function renderProviders(): string {
  const rows = providers
    .all()
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .map((provider) => `| ${cellsOf(provider).join(' | ')} |`)
  return ['| prefix | service | key | speaks |', '|---|---|---|---|', ...rows].join('\n')
}

function cellsOf(provider: Provider): string[] {
  const { id, name, keyEnv = [], baseUrl, baseUrlEnv = [], aliases = [], speaks } = provider
  const address = baseUrl === undefined ? `address: ${namesOf(baseUrlEnv.slice(0, 1)) || '`api_base`'}` : ''
  return [
    namesOf([id, ...aliases]),
    name,
    [namesOf(keyEnv), address].filter((part) => part !== '').join('; '),
    Object.keys(speaks).toSorted().join(', '),
  ]
}

function namesOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function renderAcceptedKeys(): string {
  const sections = {
    'at the top': configKeys,
    litellm_params: litellmParamsKeys,
    litellm_settings: litellmSettingsKeys,
    router_settings: routerSettingsKeys,
    general_settings: generalSettingsKeys,
  }
  return Object.entries(sections)
    .map(
      ([name, { accepted }]) =>
        `- ${name}: ${accepted
          .toSorted()
          .map((key) => `\`${key}\``)
          .join(', ')}`,
    )
    .join('\n')
}

function renderFailures(): string {
  const rows = Object.entries(FAILURES).map(
    ([code, { className, status, retryable }]) =>
      `| \`${code}\` | \`${className}\` | ${status} | ${retryable ? 'yes' : 'no'} |`,
  )
  return ['| code | class | status | tried again |', '|---|---|---|---|', ...rows].join('\n')
}

function renderAdminRoutes(): string {
  const rows = createAdminRoutes(bareServices()).map(
    ({ method, paths, access, summary }) => `| ${method} ${namesOf(paths)} | \`${access}\` | ${summary} |`,
  )
  return ['| Path | permission | |', '|---|---|---|', ...rows].join('\n')
}

/** Which roles have which permissions; those that are had alike are told together. */
function renderPermissions(): string {
  const roles = [
    'proxy_admin',
    'proxy_admin_viewer',
    'org_admin',
    'internal_user',
    'internal_user_viewer',
    'key',
  ] as const
  const callers = [
    ...roles.map((role) => [role, { ...MASTER, role }] as const),
    ['team admin', { ...MASTER, role: 'key', adminOfTeams: ['t'] } as const] as const,
  ]
  const accesses = new Set(
    createRoutes(bareServices(), createAdminRoutes(bareServices())).map(({ access }) => access),
  )
  accesses.delete('public')
  const holders = [...accesses].toSorted().map((access) => {
    const granted = callers.filter(([, caller]) => access !== 'public' && isPermitted(caller, access))
    return [
      access,
      granted.length === callers.length ? 'everybody with a key' : granted.map(([name]) => name).join(', '),
    ] as const
  })
  const rows = [...Map.groupBy(holders, ([, who]) => who)].map(
    ([who, permissions]) => `| ${namesOf(permissions.map(([access]) => access))} | ${who} |`,
  )
  return ['| permission | who |', '|---|---|', ...rows].join('\n')
}

function bareServices(): Services {
  const loaded = loadDefaultConfig({})
  if (!loaded.ok) throw new Error('the configuration without a file cannot be read')
  return createServices({
    config: loaded.config,
    version: '',
    env: () => undefined,
    localModels: [demoModel],
  })
}

function renderRoutes(): string {
  const rows = createRoutes(bareServices(), []).map(
    ({ method, paths, access, summary }) =>
      `| ${method} ${namesOf(paths)} | ${access === 'public' ? 'no' : 'yes'} | ${summary} |`,
  )
  return ['| Path | key | |', '|---|---|---|', ...rows].join('\n')
}
