import { startDemo } from './support/demo.ts'

const { url, key: masterKey, close } = await startDemo(undefined, { keeps: true })

// #region keys
async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Record<string, unknown>
}

const { key, expires } = await ask('/key/generate', {
  key_alias: 'developer-1',
  models: ['demo'],
  max_budget: 100,
  budget_duration: 'monthly',
  rpm_limit: 100,
  duration: '30d',
})
console.log(expires)
console.log(await ask(`/key/info?key=${String(key)}`))
// #endregion

// #region teams
await ask('/user/new', { user_id: 'ada', user_email: 'ada@example.com', auto_create_key: false })
const { team_id } = await ask('/team/new', {
  team_alias: 'backend',
  max_budget: 500,
  budget_duration: 'monthly',
  team_member_permissions: ['/key/generate'],
})
await ask('/team/member_add', { team_id, member: { role: 'user', user_id: 'ada' }, max_budget_in_team: 50 })
const shared = await ask('/key/service-account/generate', { team_id, key_alias: 'nightly-job' })
console.log(shared['key_name'], await ask(`/team/info?team_id=${String(team_id)}`))
// #endregion

// #region rotate
const { key: fresh } = await ask('/key/regenerate', { key, grace_period: '24h' })
await ask('/key/block', { key: fresh })
// #endregion

await close()
