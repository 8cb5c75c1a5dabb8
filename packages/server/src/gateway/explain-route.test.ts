import { describe, expect, it } from 'vitest'
import { explainRoute } from './explain-route.ts'
import { servicesOf } from './testing/services.ts'

const yaml = `
model_list:
  - model_name: chat
    litellm_params: { model: openai/gpt-4o, api_key: sk-1, order: 1 }
    model_info: { id: first }
  - model_name: chat
    litellm_params: { model: openai/gpt-4o-mini, api_key: sk-1, order: 2, tags: [batch] }
    model_info: { id: second }
  - model_name: chat
    litellm_params: { model: openai/gpt-4o, api_key: sk-1 }
    model_info: { id: theirs, team_id: other-team }
  - model_name: spare
    litellm_params: { model: openai/gpt-4o-mini, api_key: sk-1 }
router_settings:
  fallbacks: [{ chat: [spare] }]
`

describe('explainRoute', () => {
  it('names the one that would be asked, and the others with their reasons', async () => {
    const services = await servicesOf(yaml, { monotonicMs: () => 0 })
    const found = await explainRoute({ body: { model: 'chat' }, headers: {} }, services)
    expect(found).toMatchObject({
      model: 'chat',
      routing_strategy: 'simple-shuffle',
      chosen: { id: 'first', model_name: 'chat', model: 'openai/gpt-4o' },
      others: [
        { id: 'second', why: 'later_order' },
        { id: 'theirs', why: 'later_order' },
      ],
      fallbacks: ['spare'],
    })
    expect(services.deployments.byId('first')?.state.inFlight).toBe(0)
  })

  it('sees what cools down now', async () => {
    const services = await servicesOf(yaml, { monotonicMs: () => 0 })
    const first = services.deployments.byId('first')
    if (first === undefined) throw new Error('no deployment')
    first.state.cooldown = { untilMs: 5_000, code: 'rate_limit', why: 'it is at its rate limit' }
    const found = await explainRoute({ body: { model: 'chat' }, headers: {} }, services)
    expect(found.chosen?.id).toBe('second')
    expect(found.others[0]).toMatchObject({
      id: 'first',
      why: 'cooling_down',
      detail: 'it is at its rate limit; 5 s to go',
    })
  })

  it('heeds tags, where they count, and fallbacks of the request', async () => {
    const services = await servicesOf(`${yaml}\n  enable_tag_filtering: true\n`)
    const body = { model: 'chat', tags: ['batch'], fallbacks: ['elsewhere'] }
    const found = await explainRoute({ body, headers: {} }, services)
    expect([found.chosen?.id, found.fallbacks]).toEqual(['second', ['elsewhere']])
    const refused = await explainRoute({ body: { model: 'chat', tags: ['none'] }, headers: {} }, services)
    expect(refused).toMatchObject({ chosen: null, refusal: expect.stringContaining('tags configuration') })
  })

  it('knows no model that nobody serves', async () => {
    const services = await servicesOf(yaml)
    await expect(explainRoute({ body: { model: 'none' }, headers: {} }, services)).rejects.toThrow(/none/)
  })

  it('says which rule of an auto group holds, and why the others do not', async () => {
    const services = await servicesOf(`${yaml}
  auto_groups:
    auto:
      - { model: nowhere }
      - { model: chat, when: { needs: [tools] } }
      - { model: spare, when: { max_input_tokens: 100 } }
      - { model: chat }
`)
    const found = await explainRoute({ body: { model: 'auto' }, headers: {} }, services)
    expect(found).toMatchObject({
      model: 'spare',
      auto: {
        models: ['spare', 'chat'],
        passed: [
          { model: 'nowhere', why: 'unavailable', detail: 'nobody serves it' },
          { model: 'chat', why: 'needs_not', detail: 'function_calling' },
        ],
      },
    })
  })

  it('leaves out what costs more than max_cost', async () => {
    const services = await servicesOf(yaml)
    const body = { model: 'chat', max_tokens: 100, max_cost: 0.0002 }
    const found = await explainRoute({ body, headers: {} }, services)
    expect(found.chosen?.id).toBe('second')
    expect(found.others.map(({ id, why }) => [id, why])).toContainEqual(['first', 'over_max_cost'])
    const refused = await explainRoute({ body: { ...body, max_cost: 0.000001 }, headers: {} }, services)
    expect(refused).toMatchObject({ chosen: null, refusal: expect.stringContaining('Nothing was spent') })
  })
})
