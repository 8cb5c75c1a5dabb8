import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { ANSWER_USD, at, describeProxy, soon } from './support/litellm-proxy.ts'

describeProxy('spend', (proxy) => {
  interface Payers {
    key: string
    team: string
    user: string
    organization: string
    endUser: string
  }

  async function newPayers(): Promise<Payers> {
    const organization = await proxy.newOrganization()
    const team = await proxy.newTeam({ organization_id: organization, team_alias: 'spenders' })
    const user = await proxy.newUser({ user_name: 'spender' })
    const key = await proxy.newKey({ user_id: user, team_id: team })
    return { key, team, user, organization, endUser: `customer-${randomUUID()}` }
  }

  async function spendOf({ key, team, user, organization, endUser }: Payers): Promise<unknown[]> {
    return [
      at(await proxy.ask(`/key/info?key=${key}`), 'info', 'spend'),
      at(await proxy.ask(`/team/info?team_id=${team}`), 'team_info', 'spend'),
      at(await proxy.ask(`/user/info?user_id=${user}`), 'user_info', 'spend'),
      at(await proxy.ask(`/organization/info?organization_id=${organization}`), 'spend'),
      at(await proxy.ask(`/customer/info?end_user_id=${endUser}`), 'spend'),
    ]
  }

  async function expectSpend(payers: Payers, requests: number): Promise<void> {
    await soon(async () => {
      for (const spend of await spendOf(payers))
        expect(Math.abs(Number(spend) - requests * ANSWER_USD)).toBeLessThan(1e-10)
    })
  }

  it('is the same for key, team, user, organization and end user, after one burst and the next', async () => {
    const payers = await newPayers()
    const burst = async (requests: number): Promise<void> => {
      const answers = Array.from({ length: requests }, () =>
        proxy.chat(payers.key, 'house', { user: payers.endUser }),
      )
      for (const { status } of await Promise.all(answers)) expect(status).toBe(200)
    }
    await burst(12)
    await expectSpend(payers, 12)
    await burst(22)
    await expectSpend(payers, 34)
  })

  it('does not grow with requests that fail', async () => {
    const payers = await newPayers()
    await proxy.chat(payers.key, 'house', { user: payers.endUser })
    for (const model of ['fault/status-500', 'nobody-serves-this', 'fault/status-429'])
      expect((await proxy.chat(payers.key, model, { user: payers.endUser })).status).not.toBe(200)
    await expectSpend(payers, 1)
  })

  it('of a stream is what its usage costs', async () => {
    const key = await proxy.newKey()
    const stream = await proxy.openai(key).chat.completions.create({
      model: 'house',
      stream: true,
      messages: [{ role: 'user', content: 'Hello!' }],
    })
    for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk')
    await soon(async () =>
      expect(at(await proxy.ask(`/key/info?key=${key}`), 'info', 'spend')).toBe(ANSWER_USD),
    )
  })

  it('of everybody is that of the user litellm-proxy-budget, and can be set', async () => {
    const spent = async (): Promise<number> =>
      Number(at(await proxy.ask('/user/info?user_id=litellm-proxy-budget'), 'user_info', 'spend'))
    const before = await spent()
    await proxy.chat(await proxy.newKey(), 'house')
    await soon(async () => expect(await spent()).toBeGreaterThan(before))
    expect(await proxy.call('/user/update', { user_id: 'litellm-proxy-budget', spend: 0 })).toMatchObject({
      status: 200,
      body: { data: { spend: 0 } },
    })
    expect(await spent()).toBe(0)
    await proxy.chat(await proxy.newKey(), 'house')
    await soon(async () => expect(await spent()).toBe(ANSWER_USD))
  })

  it('has a log for every answer, found by its id, with whom it was for', async () => {
    const payers = await newPayers()
    const { body } = await proxy.chat(payers.key, 'house', { user: payers.endUser })
    const logs = await soon(async () => {
      const found = await proxy.ask(`/spend/logs?request_id=${String(body['id'])}`)
      expect(found).toHaveLength(1)
      return found
    })
    expect(at(logs, 0)).toMatchObject({
      request_id: body['id'],
      model_group: 'house',
      spend: ANSWER_USD,
      prompt_tokens: 1,
      completion_tokens: 3,
      total_tokens: 4,
      user: payers.user,
      team_id: payers.team,
      end_user: payers.endUser,
      metadata: {
        status: 'success',
        user_api_key_team_id: payers.team,
        user_api_key_org_id: payers.organization,
      },
    })
    expect(await proxy.ask(`/spend/logs?api_key=${payers.key}`)).toHaveLength(1)
  })

  it.each([false, true])(
    'of a mocked answer is by the deployment, not by its name (stream: %s)',
    async (stream) => {
      const key = await proxy.newKey()
      const client = proxy.openai(key)
      const body = {
        model: 'gpt-4',
        messages: [{ role: 'user' as const, content: 'Hello!' }],
        mock_response: 'Hi',
      }
      if (stream) for await (const _ of await client.chat.completions.create({ ...body, stream })) continue
      else await client.chat.completions.create(body)
      await soon(async () => {
        const logs = await proxy.ask(`/spend/logs?api_key=${key}`)
        expect(at(logs, 0)).toMatchObject({
          model: 'openai/gpt-4o-mini',
          prompt_tokens: 2,
          completion_tokens: 1,
        })
        expect(at(logs, 0, 'spend')).toBeCloseTo(0.0000009, 12)
      })
    },
  )

  it('starts anew when an administrator sets it', async () => {
    const key = await proxy.newKey()
    await proxy.chat(key, 'house')
    const spent = async (): Promise<unknown> => at(await proxy.ask(`/key/info?key=${key}`), 'info', 'spend')
    await soon(async () => expect(await spent()).toBe(ANSWER_USD))
    await proxy.ask('/key/update', { key, spend: 0 })
    expect(await spent()).toBe(0)
  })
})
