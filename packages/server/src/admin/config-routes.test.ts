import { expect, it } from 'vitest'
import { describeOnBoth } from './testing/gates.ts'

describeOnBoth(
  'the configuration',
  (gate) => {
    it('is shown without secrets', async () => {
      expect(await gate().get('/config/field/info?field_name=litellm_key_header_name')).toEqual({
        field_name: 'litellm_key_header_name',
        field_value: null,
      })
      expect(await gate().get('/config/list')).toContainEqual(
        expect.objectContaining({ field_name: 'master_key', field_value: '[redacted]' }),
      )
      expect(await gate().get('/get/config/callbacks')).toMatchObject({
        callbacks: [{ name: 'langfuse', type: 'success' }],
        router_settings: { num_retries: 4 },
      })
      expect((await gate().ask('/config/field/info?field_name=none')).status).toBe(400)
    })

    it('has no cache', async () => {
      for (const [path, body] of [
        ['/cache/ping'],
        ['/cache/flushall', {}],
        ['/cache/delete', { keys: [] }],
      ] as const)
        expect(await gate().ask(path, body)).toMatchObject({
          status: 503,
          body: { error: { message: expect.stringContaining('Cache not initialized') } },
        })
    })
  },
  'litellm_settings: {success_callback: [langfuse]}\nrouter_settings: {num_retries: 4}',
)
