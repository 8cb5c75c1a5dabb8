import { describe, expect, it } from 'vitest'
import { ANSWER_USD, at, describeProxy, soon } from './support/litellm-proxy.ts'
import type { Proxy, Told } from './support/litellm-proxy.ts'

/** Less than any answer costs. */
const LEAST_USD = 0.0000000005
/** More than some answers cost, and less than the tests ask for. */
const SOME_USD = 0.0001
const MOST_CALLS = 10

async function callsUntilRefused(proxy: Proxy, key: string): Promise<{ answered: number; refusal: Told }> {
  for (let answered = 0; answered < MOST_CALLS; answered += 1) {
    const told = await proxy.chat(key, 'house')
    if (told.status !== 200) return { answered, refusal: told }
  }
  throw new Error(`the budget let ${MOST_CALLS} calls pass`)
}

const profiles = [
  ['current', { status: 429, code: 'budget_exceeded' }],
  ['legacy', { status: 400, code: '400' }],
] as const

describe.each(profiles)('with the statuses of %s', (profile, { status, code }) => {
  describeProxy(
    'budgets',
    (proxy) => {
      const amounts: readonly [maxBudget: number, answered: number][] = [
        [0, 0],
        [LEAST_USD, 1],
        [SOME_USD, 3],
      ]
      it.each(amounts)('a key with %d USD gets %d answers', async (max_budget, expected) => {
        const { answered, refusal } = await callsUntilRefused(proxy, await proxy.newKey({ max_budget }))
        expect(answered).toBe(expected)
        expect(refusal.status).toBe(status)
        expect(refusal.headers.get('x-should-retry')).toBe('false')
        expect(refusal.body).toMatchObject({
          error: {
            type: 'budget_exceeded',
            code,
            message: expect.stringMatching(
              /^Budget has been exceeded! Current cost: [\d.]+, Max budget: [\d.]+/,
            ),
          },
        })
        expect(at(refusal.body, 'error', 'message')).toContain(
          'ExceededTokenBudget: Current spend for token:',
        )
      })

      it('that are raised let requests pass again', async () => {
        const key = await proxy.newKey({ max_budget: LEAST_USD })
        await callsUntilRefused(proxy, key)
        await proxy.ask('/key/update', { key, max_budget: 0.001 })
        expect((await proxy.chat(key, 'house')).status).toBe(200)
      })

      it('of a team hold for a key that has more, and say whose they are', async () => {
        const team_id = await proxy.newTeam({ max_budget: LEAST_USD })
        const key = await proxy.newKey({ team_id, max_budget: 0.001 })
        const { answered, refusal } = await callsUntilRefused(proxy, key)
        expect(answered).toBe(1)
        expect(at(refusal.body, 'error', 'message')).toContain(`Budget has been exceeded! Team=${team_id}`)
        await proxy.ask('/team/update', { team_id, max_budget: 0.001 })
        expect((await proxy.chat(key, 'house')).status).toBe(200)
      })

      it('of a user and of an organization hold as well', async () => {
        const user_id = await proxy.newUser({ max_budget: LEAST_USD })
        const organization_id = await proxy.newOrganization({ max_budget: LEAST_USD })
        const keys = [
          await proxy.newKey({ user_id }),
          await proxy.newKey({ team_id: await proxy.newTeam({ organization_id }) }),
        ]
        for (const key of keys) {
          const { answered, refusal } = await callsUntilRefused(proxy, key)
          expect([answered, at(refusal.body, 'error', 'type')]).toEqual([1, 'budget_exceeded'])
        }
      })

      it('of a member hold in the whole organization', async () => {
        const organization_id = await proxy.newOrganization()
        const user_id = await proxy.newUser()
        const member = { organization_id, user_id }
        await proxy.ask('/organization/member_add', {
          organization_id,
          member: { user_id, role: 'internal_user' },
          max_budget_in_organization: LEAST_USD,
        })
        const key = await proxy.newKey({ user_id, organization_id })
        const { answered, refusal } = await callsUntilRefused(proxy, key)
        expect(answered).toBe(1)
        expect(at(refusal.body, 'error', 'message')).toContain(
          `User=${user_id} in Organization=${organization_id}`,
        )
        const others = await proxy.newKey({ organization_id })
        expect((await proxy.chat(others, 'house')).status).toBe(200)
        const raised = { ...member, max_budget_in_organization: 1 }
        await proxy.ask('/organization/member_update', raised, undefined, 'PATCH')
        expect((await proxy.chat(key, 'house')).status).toBe(200)
        await soon(async () => {
          const organization = await proxy.ask(`/organization/info?organization_id=${organization_id}`)
          expect(at(organization, 'members', 0, 'spend')).toBeGreaterThan(LEAST_USD)
        })
      })

      it('of requests a minute hold for each tag of a key', async () => {
        const key = await proxy.newKey({ tag_rpm_limit: { batch: 1 } })
        const statuses: number[] = []
        for (const tags of [['batch'], ['batch'], ['other'], []])
          statuses.push((await proxy.chat(key, 'house', { tags })).status)
        expect(statuses).toEqual([200, 429, 200, 200])
        const { headers } = await proxy.chat(key, 'house', { tags: ['batch', 'other'] })
        expect(headers.get('x-ratelimit-tag_per_key-remaining-requests')).toBe('0')
      })

      it('of everybody are those of the user litellm-proxy-budget, at once and for every key', async () => {
        const everybody = { user_id: 'litellm-proxy-budget' }
        const keys = [await proxy.newKey(), await proxy.newKey({ user_id: await proxy.newUser() })]
        await proxy.ask('/user/update', { ...everybody, spend: 0, max_budget: LEAST_USD })
        try {
          const statuses: number[] = []
          for (const key of [...keys, ...keys]) statuses.push((await proxy.chat(key, 'house')).status)
          expect(statuses).toEqual([200, status, status, status])
          await proxy.ask('/user/update', { ...everybody, spend: 0 })
          expect((await proxy.chat(keys[1] ?? '', 'house')).status).toBe(200)
        } finally {
          await proxy.ask('/user/update', { ...everybody, max_budget: null })
        }
        expect((await proxy.chat(keys[0] ?? '', 'house')).status).toBe(200)
      })

      it('of models and of further windows are told with what is spent of them', async () => {
        const key = await proxy.newKey({
          model_max_budget: { house: { budget_limit: 1, time_period: '1d' } },
          budget_limits: [{ budget_duration: '24h', max_budget: 2 }],
        })
        const info = async (): Promise<unknown> => at(await proxy.ask(`/key/info?key=${key}`), 'info')
        expect(await info()).toMatchObject({
          model_max_budget_usage: { house: { current_spend: 0, budget_limit: 1, time_period: '1d' } },
          budget_limits_usage: { '24h': { current_spend: 0 } },
        })
        await proxy.chat(key, 'house')
        await proxy.chat(key, 'other')
        await soon(async () =>
          expect(await info()).toMatchObject({
            model_max_budget_usage: { house: { current_spend: ANSWER_USD } },
            budget_limits_usage: { '24h': { current_spend: 2 * ANSWER_USD } },
          }),
        )
      })

      it('hold for end users, by their own or by a budget that they name', async () => {
        await proxy.ask('/budget/new', { budget_id: 'tiny', max_budget: LEAST_USD })
        await proxy.ask('/customer/new', { user_id: 'own', max_budget: LEAST_USD })
        await proxy.ask('/customer/new', { user_id: 'named', budget_id: 'tiny' })
        const key = await proxy.newKey()
        for (const user of ['own', 'named']) {
          expect((await proxy.chat(key, 'house', { user })).status).toBe(200)
          expect((await proxy.chat(key, 'house', { user })).status).toBe(status)
        }
        expect((await proxy.chat(key, 'house', { user: 'somebody else' })).status).toBe(200)
      })

      it('can be of a team, set and taken away', async () => {
        const team_id = await proxy.newTeam({ max_budget: null })
        for (const max_budget of [10, null])
          expect(await proxy.ask('/team/update', { team_id, max_budget })).toMatchObject({
            data: { max_budget },
          })
      })
    },
    { status_profile: profile },
  )
})

describeProxy(
  'strict budgets',
  (proxy) => {
    it('refuse the request that may cross them, and say so', async () => {
      const { answered, refusal } = await callsUntilRefused(
        proxy,
        await proxy.newKey({ max_budget: LEAST_USD }),
      )
      expect(answered).toBe(0)
      expect(at(refusal.body, 'error', 'message')).toContain('This request needs at least')
    })
  },
  { budget_enforcement: 'reserve' },
)
