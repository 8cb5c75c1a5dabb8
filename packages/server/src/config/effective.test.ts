import { describe, expect, it } from 'vitest'
import { effectiveConfig } from './effective.ts'
import { configJsonSchema } from './json-schema.ts'
import { loadConfig } from './load.ts'

const text = `
model_list:
  - model_name: chat
    litellm_params:
      model: openai/gpt-4o
      api_key: sk-literal
      api_base: os.environ/BASE
      extra_headers: {x-team: blue}
    model_info: {supports_vision: true, access_groups: []}
general_settings:
  database_url: postgresql://me:pw@host/db
router_settings:
  num_retries: 4
`

describe('effectiveConfig', () => {
  it('shows each value with its source and no secret', async () => {
    const env = { BASE: 'https://hidden.example', SWITCHYARD_MASTER_KEY: 'sk-env' }
    const result = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env })
    if (!result.ok) throw new Error('the configuration must load')
    expect(effectiveConfig(result)).toEqual([
      { path: 'model_list[0].model_name', value: 'chat', source: 'config.yaml:3' },
      { path: 'model_list[0].litellm_params.model', value: 'openai/gpt-4o', source: 'config.yaml:5' },
      { path: 'model_list[0].litellm_params.api_key', value: '[redacted]', source: 'config.yaml:6' },
      {
        path: 'model_list[0].litellm_params.api_base',
        value: 'os.environ/BASE',
        source: 'config.yaml:7 (BASE)',
      },
      {
        path: 'model_list[0].litellm_params.extra_headers.x-team',
        value: '[redacted]',
        source: 'config.yaml:8',
      },
      { path: 'model_list[0].model_info.supports_vision', value: true, source: 'config.yaml:9' },
      { path: 'model_list[0].model_info.access_groups', value: [], source: 'config.yaml:9' },
      {
        path: 'general_settings.database_url',
        value: 'postgresql://[redacted]@host/db',
        source: 'config.yaml:11',
      },
      { path: 'router_settings.num_retries', value: 4, source: 'config.yaml:13' },
      { path: 'settings.dropParams', value: false, source: 'default' },
      { path: 'settings.numRetries', value: 4, source: 'config.yaml:13' },
      { path: 'settings.requestTimeoutMs', value: 600_000, source: 'default' },
      { path: 'settings.masterKey', value: '[redacted]', source: 'environment SWITCHYARD_MASTER_KEY' },
      { path: 'settings.maxRequestBytes', value: 10_485_760, source: 'default' },
      { path: 'settings.maxUploadBytes', value: 27_262_976, source: 'default' },
      { path: 'settings.databaseUrl', value: '[redacted]', source: 'config.yaml:11' },
    ])
  })
})

describe('configJsonSchema', () => {
  it('describes the sections for editors', () => {
    const schema = configJsonSchema()
    expect(schema).toMatchObject({ $schema: expect.stringContaining('2020-12'), type: 'object' })
    expect(Object.keys(schema['properties'] ?? {})).toEqual(
      expect.arrayContaining([
        'model_list',
        'litellm_settings',
        'router_settings',
        'general_settings',
        'include',
      ]),
    )
    expect(JSON.stringify(schema)).toContain('"required":["model_name","litellm_params"]')
  })
})
