import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './load.ts'
import type { LoadResult } from './load.ts'
import { exitCodeFor, renderFinding } from './render-findings.ts'

type Files = Record<string, string>

function load(files: string | Files, env: Record<string, string> = {}): Promise<LoadResult> {
  const byPath: Files = typeof files === 'string' ? { 'config.yaml': files } : files
  const readFile = (path: string): Promise<string> => {
    const text = byPath[path]
    if (text !== undefined) return Promise.resolve(text)
    return Promise.reject(Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' }))
  }
  return loadConfig({ path: 'config.yaml', readFile, env })
}

const lines = (result: LoadResult, level?: string): string[] =>
  result.findings.filter((finding) => level === undefined || finding.level === level).map(renderFinding)

const oneModel = 'model_list:\n  - model_name: chat\n    litellm_params: {model: openai/gpt-4o}\n'

describe('configurations as people write them', () => {
  const cases: [name: string, text: string][] = [
    [
      'hosted and local models with a master key',
      `
model_list:
  - model_name: big
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
  - model_name: local
    litellm_params:
      model: ollama/llama3
      api_base: http://localhost:11434
general_settings:
  master_key: sk-my-key
  database_url: "postgresql://user:password@localhost:5432/gateway"
`,
    ],
    [
      'an Azure deployment from the environment alone and Python booleans',
      `
model_list:
  - model_name: azure-gpt
    litellm_params:
      model: azure/my-deployment
      api_key: os.environ/AZURE_API_KEY
      api_base: os.environ/AZURE_API_BASE
      api_version: os.environ/AZURE_API_VERSION
litellm_settings:
  set_verbose: True
`,
    ],
    [
      'limits beside litellm_params, a list as an alias, older strategies',
      `
model_list:
  - model_name: gpt-4
    rpm: 60
    tpm: 10000
    litellm_params: {model: gpt-4, api_key: os.environ/OPENAI_API_KEY}
    model_info: {mode: chat}
  - model_name: claude
    litellm_params: {model: claude-3-sonnet-20240229, api_key: os.environ/ANTHROPIC_API_KEY}
router_settings:
  routing_strategy: usage-based-routing
  model_group_alias:
    gpt-4: [gpt-4, claude]
litellm_settings:
  telemetry: false
  success_callback: [langsmith, prometheus]
  failure_callback: [langsmith]
`,
    ],
    [
      'several deployments in a group, Bedrock, Redis, bare class names in retry_policy',
      `
model_list:
  - model_name: main
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 500, tpm: 100000}
  - model_name: main
    litellm_params:
      model: azure/gpt-4o
      api_base: https://mine.openai.azure.com
      api_version: '2024-02-15-preview'
      api_key: os.environ/AZURE_API_KEY
      rpm: 300
  - model_name: spare
    litellm_params:
      model: bedrock/anthropic.claude-3-sonnet-20240229-v1:0
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      aws_secret_access_key: os.environ/AWS_SECRET_ACCESS_KEY
      aws_region_name: us-east-1
router_settings:
  routing_strategy: 'latency-based-routing'
  num_retries: 3
  timeout: 60
  allowed_fails: 2
  cooldown_time: 30
  fallbacks: [{'main': ['spare']}]
  retry_policy: {RateLimitError: 3, AuthenticationError: 0}
general_settings:
  master_key: sk-1
  database_url: os.environ/DATABASE_URL
  store_model_in_db: true
litellm_settings: {drop_params: true, cache: true, cache_params: {type: redis, host: redis, port: 6379, ttl: 3600}}
`,
    ],
    [
      'alerting and logging through environment_variables',
      `
${oneModel}
general_settings:
  alerting: [slack]
  alerting_threshold: 300
  alert_types: [budget_alerts, spend_reports]
litellm_settings:
  success_callback: ['langfuse']
environment_variables:
  SLACK_WEBHOOK_URL: os.environ/SLACK_WEBHOOK_URL
  LANGFUSE_HOST: https://cloud.langfuse.com
  LANGFUSE_PORT: 443
`,
    ],
    [
      'wildcards, access groups, prices and parameters of the provider',
      `
model_list:
  - model_name: "openai/*"
    litellm_params: {model: "openai/*", api_key: os.environ/OPENAI_API_KEY}
    model_info: {access_groups: [default]}
  - model_name: "*"
    litellm_params: {model: "openrouter/*"}
  - model_name: tuned
    litellm_params:
      model: openai/gpt-4o
      temperature: 0.2
      top_k: 5
      reasoning_effort: low
      input_cost_per_token: 0.000001
      output_cost_per_token: "2e-6"
      cache_read_input_token_cost: 1e-7
`,
    ],
  ]
  const env = {
    OPENAI_API_KEY: 'sk-o',
    ANTHROPIC_API_KEY: 'sk-a',
    AZURE_API_KEY: 'az',
    AZURE_API_BASE: 'https://mine.openai.azure.com',
    AZURE_API_VERSION: '2024-10-21',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'wJalr',
    DATABASE_URL: 'postgresql://localhost/gateway',
    SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/X',
  }

  it.each(cases)('%s: loads', async (_, text) => {
    const result = await load(text, env)
    expect([...lines(result, 'error'), ...lines(result, 'warning')]).toEqual([])
    expect(result.ok).toBe(true)
    expect(exitCodeFor(result)).toBe(0)
  })

  it.each(cases)('%s: without the environment, only the missing variables are errors', async (_, text) => {
    const result = await load(text)
    const others = lines(result, 'error').filter((line) => !/environment variable \w+ is not set/.test(line))
    expect(others).toEqual([])
    expect(result.ok).toBe(!text.includes('os.environ/'))
  })
})

describe('findings', () => {
  const model = (params: string): string =>
    `model_list:\n- model_name: m\n  litellm_params: {model: openai/x, ${params}}\n`
  const cases: [name: string, text: string, expected: string[]][] = [
    ['no file', '', ['1:1 error: the file is empty — write at least `model_list:` with one model']],
    [
      'a list instead of sections',
      '- a',
      ['1:1 error: the file must be a map of sections — start with `model_list:`'],
    ],
    [
      'no model',
      'model_list: []',
      [
        '1:1 warning model_list: holds no model: every request will be answered with 404 — add an entry with model_name and litellm_params.model',
      ],
    ],
    ['a map as model_list', 'model_list: {a: b}', ['1:1 error model_list: expected a list of models']],
    [
      'no model name',
      'model_list:\n- litellm_params: {model: a}',
      ['2:3 error model_list[0].model_name: is required but missing'],
    ],
    [
      'no parameters',
      'model_list:\n- model_name: a',
      ['2:3 error model_list[0].litellm_params: is required but missing'],
    ],
    [
      'parameters that lost their spaces',
      'model_list:\n- model_name: a\n  litellm_params: model:x',
      ['3:3 error model_list[0].litellm_params: expected a map; check for a space after each `:`'],
    ],
    [
      'no model in the parameters',
      'model_list:\n- model_name: a\n  litellm_params: {api_base: "http://h"}',
      ['3:3 error model_list[0].litellm_params.model: is required but missing'],
    ],
    [
      'a number as the model',
      'model_list:\n- model_name: a\n  litellm_params: {model: 4}',
      ['3:20 error model_list[0].litellm_params.model: expected a text — put the value in quotes'],
    ],
    [
      'an address without a scheme',
      model('api_base: localhost:11434'),
      [
        '3:37 error model_list[0].litellm_params.api_base: expected an address that starts with http:// or https://',
      ],
    ],
    [
      'a file address',
      model('api_base: "file:///etc/passwd"'),
      [
        '3:37 error model_list[0].litellm_params.api_base: expected an address that starts with http:// or https://',
      ],
    ],
    [
      'a limit in words',
      model('rpm: many'),
      ['3:37 error model_list[0].litellm_params.rpm: expected a whole number, at least 0'],
    ],
    [
      'half a request',
      model('rpm: 1.5'),
      ['3:37 error model_list[0].litellm_params.rpm: expected a whole number, at least 0'],
    ],
    [
      'endless time',
      model('timeout: .inf'),
      ['3:37 error model_list[0].litellm_params.timeout: expected a number above 0'],
    ],
    [
      'a price below zero',
      model('input_cost_per_token: -1'),
      ['3:37 error model_list[0].litellm_params.input_cost_per_token: expected a number, at least 0'],
    ],
    [
      'a price that is no number',
      model('cache_read_input_token_cost: free'),
      ['3:37 error model_list[0].litellm_params.cache_read_input_token_cost: expected a price, at least 0'],
    ],
    [
      'a header on two lines',
      model('extra_headers: {a: "b\\r\\nc: d"}'),
      ['3:53 error model_list[0].litellm_params.extra_headers.a: expected a header value on one line'],
    ],
    [
      'a misspelt parameter',
      model('apikey: x'),
      ['3:37 warning model_list[0].litellm_params.apikey: is not a known setting — did you mean api_key?'],
    ],
    [
      'a misspelt price',
      model('input_cost_per_tokn: 1'),
      [
        '3:37 warning model_list[0].litellm_params.input_cost_per_tokn: is not a known setting — did you mean input_cost_per_token?',
      ],
    ],
    [
      'prices and parameters of other kinds',
      model('output_cost_per_image: 1, output_vector_size: 5, top_a: 1'),
      [],
    ],
    [
      'a key that swallowed its value',
      model('api_key:sk-secret'),
      [
        '3:37 warning model_list[0].litellm_params["api_key…"]: is not a known setting — write a space after the colon',
      ],
    ],
    [
      'misspelt sections and settings',
      `${oneModel}general_setings: {}\nrouter_settings: {num_retires: 1}`,
      [
        '4:1 warning general_setings: is not a known setting — did you mean general_settings?',
        '5:19 warning router_settings.num_retires: is not a known setting — did you mean num_retries?',
      ],
    ],
    [
      'a setting nobody knows',
      `${oneModel}litellm_settings: {banana: 1}`,
      ['4:20 warning litellm_settings.banana: is not a known setting'],
    ],
    [
      'a database of another kind',
      `${oneModel}general_settings: {database_url: 'mysql://db/x', database_connection_pool_limit: 0}`,
      [
        '4:20 error general_settings.database_url: expected postgresql://user:password@host:5432/database',
        '4:50 error general_settings.database_connection_pool_limit: expected a whole number, at least 1',
      ],
    ],
    [
      'settings whose feature is not there',
      `${oneModel}mcp_servers: {}\nlitellm_settings: {json_logs: true}`,
      [
        '4:1 info mcp_servers: is accepted, but not active yet',
        '5:20 info litellm_settings.json_logs: is accepted, but not active yet',
      ],
    ],
    [
      'our own sections',
      `${oneModel}storage: {}\nagents: {}`,
      [
        '4:1 info storage: is accepted, but not active yet',
        '5:1 info agents: is accepted, but not active yet',
      ],
    ],
    [
      'names without a port among the private ones',
      `${oneModel}network: {allow_privat: [], allow_private: ['a.example.com:8000', a.example.com]}`,
      [
        '4:67 error network.allow_private[1]: expected a name with its port, for example llm.example.com:8000 (443 for https, 80 for http)',
        '4:11 warning network.allow_privat: is not a known setting — did you mean allow_private?',
      ],
    ],
    [
      'origins that are none',
      `${oneModel}general_settings: {cors_allowed_origins: ['*']}`,
      [
        '4:43 error general_settings.cors_allowed_origins[0]: expected an origin as browsers send it, for example https://app.example.com',
      ],
    ],
    [
      'a wrong flag',
      `${oneModel}litellm_settings: {drop_params: maybe}`,
      ['4:20 error litellm_settings.drop_params: expected true or false'],
    ],
    [
      'a number as the master key',
      `${oneModel}general_settings: {master_key: 1234}`,
      ['4:20 error general_settings.master_key: expected a text — put the value in quotes'],
    ],
    [
      'a weak master key',
      `${oneModel}general_settings: {master_key: hello}`,
      [
        '4:20 warning general_settings.master_key: does not start with sk-, as clients of LiteLLM expect — choose a long random key that starts with sk-',
      ],
    ],
    [
      'Python code',
      `${oneModel}general_settings: {custom_auth: my_module.check}`,
      [
        '4:20 error general_settings.custom_auth: expected a file and its export, as ./auth.ts:authenticate (Python is not loaded)',
      ],
    ],
    [
      'an alias of itself',
      `${oneModel}router_settings: {model_group_alias: {a: b, b: [chat, a]}}`,
      [
        '4:39 error router_settings.model_group_alias.a: leads into a circle — point it to a model_name of model_list',
        '4:45 error router_settings.model_group_alias.b: leads into a circle — point it to a model_name of model_list',
      ],
    ],
    [
      'an alias into nothing',
      `${oneModel}router_settings: {model_group_alias: {fast: chatt}}`,
      [
        '4:39 warning router_settings.model_group_alias.fast: points to a model that is not in model_list — did you mean chat?',
      ],
    ],
    [
      'a missing credential',
      model('litellm_credential_name: azur') +
        'credential_list: [{credential_name: azure, credential_values: {}}]',
      [
        '3:37 error model_list[0].litellm_params.litellm_credential_name: names a credential that is not in credential_list — did you mean azure?',
      ],
    ],
    [
      'a repeated deployment',
      `${oneModel}  - {model_name: chat, litellm_params: {model: openai/gpt-4o}}`,
      [
        '4:5 warning model_list[1]: is the same deployment as model_list[0] once more — remove one, or use `weight` to give it more requests',
      ],
    ],
    [
      'a wrong name of a variable',
      `${oneModel}environment_variables: {"A B": 1}`,
      ['4:25 error environment_variables["A…"]: is not a valid name of an environment variable'],
    ],
    [
      'a wrong reference',
      model('api_key: os.environ/a-b'),
      [
        '3:37 error model_list[0].litellm_params.api_key: refers to an environment variable whose name is not valid — write os.environ/NAME',
      ],
    ],
  ]

  it.each(cases)('%s', async (_, text, expected) => {
    const result = await load(text)
    expect(lines(result)).toEqual(expected.map((line) => `config.yaml:${line}`))
    expect(result.ok).toBe(!expected.some((line) => line.includes(' error')))
  })

  it('reports everything at once, although forms, references and meanings are wrong', async () => {
    const result = await load(`
model_list:
  - model_name: a
    litellm_params: {model: openai/x, rpm: many, api_key: os.environ/GONE}
    model_info: {id: one}
  - model_name: b
    litellm_params: {model: openai/x}
    model_info: {id: one}
  - litellm_params: {model: openai/x}
router_settings:
  model_group_alias: {x: y, y: x}
  num_retries: -1
`)
    expect(lines(result, 'error')).toEqual([
      'config.yaml:4:39 error model_list[0].litellm_params.rpm: expected a whole number, at least 0',
      'config.yaml:4:50 error model_list[0].litellm_params.api_key: the environment variable GONE is not set — set GONE before the start',
      'config.yaml:8:18 error model_list[1].model_info.id: is the same id as in model_list[0] — give each deployment its own id',
      'config.yaml:9:5 error model_list[2].model_name: is required but missing',
      'config.yaml:11:23 error router_settings.model_group_alias.x: leads into a circle — point it to a model_name of model_list',
      'config.yaml:11:29 error router_settings.model_group_alias.y: leads into a circle — point it to a model_name of model_list',
      'config.yaml:12:3 error router_settings.num_retries: expected a whole number, at least 0',
    ])
    expect(exitCodeFor(result)).toBe(78)
  })

  it('checks a long chain of aliases and a thousand mistakes without losing its breath', async () => {
    const aliases = Array.from({ length: 9000 }, (_, index) => `a${index}: a${index + 1}`).join(', ')
    const entries = Array.from({ length: 3000 }, () => '- {model_name: 1}').join('\n')
    const result = await load(`model_list:\n${entries}\nrouter_settings: {model_group_alias: {${aliases}}}`)
    expect(result.findings).toHaveLength(1001)
    expect(result.findings.at(-1)?.message).toMatch(/^and 5\d\d\d more findings, which are not listed$/)
  })

  it('says when there is no file', async () => {
    const result = await load({})
    expect(lines(result)).toEqual(['config.yaml:1:1 error: the file cannot be read (ENOENT)'])
  })

  it('never shows a value', async () => {
    const secret = 'hush-hush'
    const text = `
model_list:
  - model_name: [${secret}]
    litellm_params: {model: [${secret}], api_base: "${secret}", rpm: ${secret}, timeout: ${secret}, tags: {a: ${secret}}}
    model_info: ${secret}
  - ${secret}
litellm_settings: {drop_params: ${secret}, cache: ${secret}, cache_params: ${secret}}
router_settings: {routing_strategy: ${secret}, model_group_alias: ${secret}, retry_policy: {a: ${secret}}}
general_settings: {master_key: [${secret}], alerting: {a: ${secret}}, max_request_size_mb: ${secret}}
environment_variables: {A: [${secret}], OPENAI_API_KEY:${secret}}
credential_list: ${secret}
include: [[${secret}]]
`
    const result = await load(text)
    expect(lines(result, 'error').length).toBeGreaterThan(15)
    expect(JSON.stringify(result.findings)).not.toContain(secret)
  })
})

describe('environment references', () => {
  it('resolves them in every text, however deep, and environment_variables first', async () => {
    const result = await load(
      `
environment_variables:
  REGION: os.environ/HOME_REGION
  PORT_NUMBER: 8080
model_list:
  - model_name: os.environ/NAME
    litellm_params:
      model: openai/x
      rpm: os.environ/RPM
      drop_params: os.environ/FLAG
      extra_body: {deep: [{er: os.environ/REGION}]}
      aws_region_name: os.environ/REGION
      user: os.environ/PORT_NUMBER
`,
      { HOME_REGION: 'eu-west-1', NAME: 'named', RPM: '12', FLAG: 'True', REGION: 'overruled' },
    )
    if (!result.ok) throw new Error(lines(result).join('\n'))
    const [deployment] = result.config.deployments
    expect(deployment).toMatchObject({
      modelGroup: 'named',
      rpm: 12,
      dropParams: true,
      params: { user: '8080' },
    })
    expect(deployment?.target.extraBody).toEqual({ deep: [{ er: 'eu-west-1' }] })
    expect(deployment?.target.options).toEqual({ aws_region_name: 'eu-west-1' })
    expect(result.config.environment['REGION']?.reveal()).toBe('eu-west-1')
  })

  it('suggests a variable of a similar name, and warns of an empty one', async () => {
    const text = `${oneModel}general_settings: {master_key: os.environ/MASTER_KEY}\nlitellm_settings: {telemetry: os.environ/NO_TELEMETRY}`
    const result = await load(text, { MASTERKEY: 'sk-1', NO_TELEMETRY: 'no' })
    expect(lines(result, 'error')).toEqual([
      'config.yaml:4:20 error general_settings.master_key: the environment variable MASTER_KEY is not set — set MASTER_KEY before the start, or did you mean MASTERKEY?',
    ])
    const empty = await load(text, { MASTER_KEY: '', NO_TELEMETRY: 'no' })
    expect(lines(empty, 'warning')).toEqual([
      'config.yaml:4:20 warning general_settings.master_key: the environment variable MASTER_KEY is set but empty — give MASTER_KEY a value',
    ])
    expect(empty.ok && empty.config.settings.masterKey).toBeUndefined()
  })

  it('reads only the variables that it may', async () => {
    const result = await loadConfig({
      path: 'foreign.yaml',
      readFile: () => Promise.resolve(`${oneModel}litellm_settings: {telemetry: os.environ/SSH_AUTH_SOCK}`),
      env: { SSH_AUTH_SOCK: '/tmp/agent' },
      mayReadVariable: (name) => name.endsWith('_API_KEY'),
    })
    expect(lines(result, 'error')).toEqual([
      'foreign.yaml:4:20 error litellm_settings.telemetry: may not read the environment variable SSH_AUTH_SOCK — allow the variable or remove the reference',
    ])
  })
})

describe('include', () => {
  it('joins lists and merges maps, and findings name the included file', async () => {
    const result = await load({
      'config.yaml': `include: [models/a.yaml, b.yaml]\n${oneModel}litellm_settings: {drop_params: true}\n`,
      'models/a.yaml':
        'include: more.yaml\nmodel_list:\n- {model_name: a, litellm_params: {model: openai/a}}\n',
      'models/more.yaml':
        'model_list:\n- {model_name: more, litellm_params: {model: openai/more, apibase: x}}\n',
      'b.yaml': 'litellm_settings: {num_retries: 5, drop_params: false}\n',
    })
    if (!result.ok) throw new Error(lines(result).join('\n'))
    expect(result.config.deployments.map((deployment) => deployment.modelGroup)).toEqual([
      'chat',
      'a',
      'more',
    ])
    expect(result.config.settings).toMatchObject({ dropParams: true, numRetries: 5 })
    expect(result.files).toEqual(['config.yaml', 'models/a.yaml', 'models/more.yaml', 'b.yaml'])
    expect(lines(result)).toEqual([
      'b.yaml:1:36 warning litellm_settings.drop_params: is also set in config.yaml:5, and that value is used — remove one of the two',
      'models/more.yaml:2:59 warning model_list[2].litellm_params.apibase: is not a known setting — did you mean api_base?',
    ])
  })

  const refused: [name: string, files: Files, expected: string][] = [
    [
      'a file that is not there',
      { 'config.yaml': 'include: [a.yaml]' },
      'config.yaml:1:11 error include: the included file a.yaml cannot be read (ENOENT)',
    ],
    [
      'a file outside',
      { 'config.yaml': 'include: [../a.yaml]' },
      'config.yaml:1:11 error include[0]: lies outside the directory of the configuration — move the file beside the configuration',
    ],
    [
      'an absolute path outside',
      { 'config.yaml': 'include: /etc/passwd' },
      'config.yaml:1:1 error include[0]: lies outside the directory of the configuration — move the file beside the configuration',
    ],
    [
      'a way back out',
      { 'config.yaml': 'include: [d/a.yaml]', 'd/a.yaml': 'include: ../../b.yaml' },
      'd/a.yaml:1:1 error include[0]: lies outside the directory of the configuration — move the file beside the configuration',
    ],
    [
      'itself',
      { 'config.yaml': 'include: [config.yaml]' },
      'config.yaml:1:11 error include[0]: includes itself, directly or by way of another file',
    ],
    [
      'a circle',
      { 'config.yaml': 'include: [a.yaml]', 'a.yaml': 'include: [config.yaml]' },
      'a.yaml:1:11 error include[0]: includes itself, directly or by way of another file',
    ],
    [
      'something that is no name',
      { 'config.yaml': 'include: [{a: b}]' },
      'config.yaml:1:11 error include[0]: expected the name of a YAML file',
    ],
    [
      'a broken file',
      { 'config.yaml': 'include: [a.yaml]', 'a.yaml': 'b: [' },
      'a.yaml:1:5 error: the indentation does not fit — align it with its siblings, and check that brackets and quotes above are closed',
    ],
  ]

  it.each(refused)('refuses %s', async (_, files, expected) => {
    const result = await load(files)
    expect(lines(result, 'error')).toEqual([expected])
    expect(result.ok).toBe(false)
  })
})

describe('what comes out', () => {
  const text = `
model_list:
  - model_name: everything
    litellm_params:
      model: azure/mine
      api_key: sk-literal-secret
      base_url: https://mine.example/base
      api_version: 2024-10-21
      organization: org-1
      custom_llm_provider: azure
      client_secret: cs-literal-secret
      tenant_id: t-1
      vertex_credentials: {type: service_account, private_key: pk-literal-secret}
      timeout: 1.5
      stream_timeout: "30"
      max_retries: 4
      max_parallel_requests: 7
      weight: 2
      order: 1
      tags: free
      headers: {x-one: 1}
      extra_headers: {Authorization: Bearer header-literal-secret}
      extra_body: {a: null}
      drop_params: yes
      additional_drop_params: [seed]
      allowed_openai_params: [tools]
      mock_response: hello
      temperature: 0
      stop: [a]
      budget_duration: monthly
      input_cost_per_token: 1e-6
      cache_read_input_token_cost: "1e-7"
    model_info: {id: 7, base_model: azure/gpt-4o, input_cost_per_token: 5, output_cost_per_token: 2e-6, tier: free, mine: 1}
    rpm: 3
  - model_name: keyed
    litellm_params: {model: azure/other, litellm_credential_name: shared, api_version: v2}
credential_list:
  - credential_name: shared
    credential_values: {api_key: ck-literal-secret, api_base: https://shared.example, api_version: v1}
general_settings: {master_key: sk-master-literal-secret, max_request_size_mb: 1, litellm_key_header_name: X-My-Key}
router_settings: {timeout: 5, model_group_alias: {all: everything, old: {model: keyed, hidden: true}}}
litellm_settings: {request_timeout: 9, num_retries: 0}
environment_variables: {TOKEN: ev-literal-secret}
`

  it('is typed and complete', async () => {
    const result = await load(text)
    if (!result.ok) throw new Error(lines(result).join('\n'))
    const [everything, keyed] = result.config.deployments
    expect(everything).toEqual({
      id: '7',
      modelGroup: 'everything',
      silentModels: [],
      model: 'azure/mine',
      target: {
        apiKey: expect.anything(),
        apiBase: 'https://mine.example/base',
        apiVersion: '2024-10-21',
        organization: 'org-1',
        customProvider: 'azure',
        options: {
          client_secret: 'cs-literal-secret',
          tenant_id: 't-1',
          vertex_credentials: '{"type":"service_account","private_key":"pk-literal-secret"}',
        },
        headers: { 'x-one': '1', Authorization: 'Bearer header-literal-secret' },
        extraBody: { a: null },
      },
      params: { temperature: 0, stop: ['a'] },
      timeouts: { timeoutMs: 1500, streamTimeoutMs: 30_000 },
      rates: { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6, cache_read_input_token_cost: 1e-7 },
      modelInfo: { base_model: 'azure/gpt-4o', tier: 'free', mine: 1 },
      baseModel: 'azure/gpt-4o',
      weight: 2,
      rpm: 3,
      tpm: undefined,
      order: 1,
      tags: ['free'],
      tagPatterns: [],
      maxParallelRequests: 7,
      numRetries: 4,
      dropParams: true,
      additionalDropParams: ['seed'],
      allowedOpenaiParams: ['tools'],
      mockResponse: 'hello',
    })
    expect(everything?.target.apiKey?.reveal()).toBe('sk-literal-secret')
    expect(keyed?.target).toMatchObject({ apiBase: 'https://shared.example', apiVersion: 'v2' })
    expect(keyed?.target.apiKey?.reveal()).toBe('ck-literal-secret')
    expect(result.config.settings).toMatchObject({
      numRetries: 0,
      requestTimeoutMs: 5000,
      maxRequestBytes: 1_048_576,
      maxUploadBytes: 1_048_576,
      keyHeaderName: 'x-my-key',
    })
    expect(result.config.settings.masterKey?.reveal()).toBe('sk-master-literal-secret')
    expect(result.config.aliases).toEqual({
      all: { groups: ['everything'], hidden: false },
      old: { groups: ['keyed'], hidden: true },
    })
  })

  it('prints no secret', async () => {
    const result = await load(text)
    expect(result.ok).toBe(true)
    expect(inspect(result, { depth: 20 })).not.toContain('literal-secret')
    expect(JSON.stringify(result)).not.toContain('literal-secret')
  })

  it('cannot be changed', async () => {
    const result = await load(text)
    if (!result.ok) throw new Error(lines(result).join('\n'))
    const { config } = result
    expect(() => Object.assign(config.settings, { numRetries: 9 })).toThrow(TypeError)
    expect(() => Object.assign(config.deployments[0]?.params ?? {}, { temperature: 1 })).toThrow(TypeError)
  })

  it('takes the master key and drop_params from the environment when the file has none', async () => {
    const env = { LITELLM_MASTER_KEY: 'sk-b', SWITCHYARD_MASTER_KEY: 'sk-a', LITELLM_DROP_PARAMS: 'true' }
    const result = await load(oneModel, env)
    expect(result.ok && result.config.settings.masterKey?.reveal()).toBe('sk-a')
    expect(result.ok && result.config.settings.dropParams).toBe(true)
  })
})

describe('deployment ids', () => {
  const ids = async (params: string, env: Record<string, string> = {}): Promise<string[]> => {
    const entries = params.split('\n').map((line) => `- {model_name: g, litellm_params: {${line}}}`)
    const result = await load(`model_list:\n${entries.join('\n')}`, env)
    return result.ok ? result.config.deployments.map((deployment) => deployment.id) : []
  }

  it('stay the same when keys are reordered or a referenced key is replaced', async () => {
    const [first] = await ids('model: a, api_key: os.environ/K, rpm: 1', { K: 'old' })
    const [second] = await ids('rpm: 1, api_key: os.environ/K, model: a', { K: 'new' })
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(second).toBe(first)
  })

  it('differ when a parameter differs, and for repeated entries', async () => {
    const [a, b, again] = await ids('model: a\nmodel: a, rpm: 1\nmodel: a')
    expect(new Set([a, b, again]).size).toBe(3)
    expect(again).toBe(`${a}-2`)
  })
})
