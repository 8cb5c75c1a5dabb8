import { expect, it } from 'vitest'
import { describeOnBoth } from '../testing/gates.ts'

describeOnBoth('models and credentials', (gate) => {
  const canary = 'sk-canary-4711-0815'

  it('keep their secrets to themselves', async () => {
    const model = await gate().get('/model/new', {
      model_name: 'mine',
      litellm_params: {
        model: 'openai/gpt-4o',
        api_key: canary,
        rpm: 5,
        extra_headers: { 'x-secret': canary },
      },
    })
    expect(model).toMatchObject({
      model_name: 'mine',
      litellm_params: { model: 'openai/gpt-4o', api_key: '****', rpm: 5, extra_headers: '****' },
      model_info: { id: model['model_id'], db_model: true },
    })
    const changed = await gate().ask(
      `/model/${String(model['model_id'])}/update`,
      { litellm_params: { rpm: null, tpm: 9 } },
      { method: 'PATCH' },
    )
    expect(changed.body).toMatchObject({ litellm_params: { tpm: 9, api_key: '****' } })
    expect(changed.body).not.toHaveProperty('litellm_params.rpm')
    await gate().get('/credentials', { credential_name: 'openai', credential_values: { api_key: canary } })
    expect(await gate().get('/credentials/by_name/openai')).toEqual({
      credential_name: 'openai',
      credential_info: {},
      credential_values: { api_key: '****' },
    })
    const all = await Promise.all([gate().get('/credentials'), gate().get('/audit?page_size=100')])
    const rows = await gate().database.kysely.selectFrom('models').selectAll().execute()
    expect(JSON.stringify([all, rows])).not.toContain('canary')
  })

  it('are changed and deleted', async () => {
    await gate().get('/credentials', { credential_name: 'other', credential_values: { a: '1' } })
    const path = '/credentials/other'
    expect((await gate().ask(path, { credential_values: { b: '2' } }, { method: 'PATCH' })).status).toBe(200)
    expect(await gate().get('/credentials/by_name/other')).toMatchObject({
      credential_values: { a: '****', b: '****' },
    })
    expect((await gate().ask(path, undefined, { method: 'DELETE' })).status).toBe(200)
    expect((await gate().ask('/credentials/by_name/other')).status).toBe(404)
    const { model_id: id } = await gate().get('/model/new', {
      model_name: 'short',
      litellm_params: { model: 'openai/gpt-4o' },
    })
    expect(await gate().get('/model/delete', { id })).toEqual({
      message: `Model: ${String(id)} deleted successfully`,
    })
    expect((await gate().ask('/model/delete', { id })).status).toBe(400)
  })

  it('show what a deployment is called with, secrets masked', async () => {
    await gate().get('/credentials', { credential_name: 'shared', credential_values: { api_key: 'sk-1' } })
    const made = async (litellm_params: object): Promise<string> => {
      const model = await gate().get('/model/new', { model_name: 'm', litellm_params })
      return `/credentials/by_model/${String(model['model_id'])}`
    }
    expect(
      await gate().get(await made({ model: 'openai/m', api_key: 'sk-secret-of-its-own' })),
    ).toMatchObject({
      credential_values: { api_key: '****' },
    })
    expect(
      await gate().get(await made({ model: 'openai/m', litellm_credential_name: 'shared' })),
    ).toMatchObject({ credential_name: 'shared', credential_values: { api_key: '****' } })
    expect((await gate().ask('/credentials/by_model/nobody')).status).toBe(404)
  })

  it.each<[object, RegExp]>([
    [{ model_name: 'x', litellm_params: {} }, /litellm_params.model/],
    [{ model_name: 'x', litellm_params: { model: 'openai/gpt-4o', api_base: 'ftp://x' } }, /api_base/],
  ])('refuse %j', async (body, message) => {
    const answer = await gate().ask('/model/new', body)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toMatch(message)
  })
})
