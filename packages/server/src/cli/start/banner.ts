/** Where the key is that opens the server. */
export type KeyPlace =
  /** In a file of ours; `fresh` is the key itself, the one time that it is shown. */
  | { type: 'kept'; path: string; fresh?: string | undefined }
  | { type: 'variable'; name: string }
  | { type: 'configuration'; place: string }
  | { type: 'none' }

export interface BannerFacts {
  version: string
  /** The address as this machine reaches it. */
  url: string
  /** Whether other machines reach it too. */
  isPublic: boolean
  key: KeyPlace
  /** The configuration's path; `undefined`: there is none. */
  configPath: string | undefined
  /** The model that the server was asked to serve without a configuration. */
  onlyModel?: string | undefined
  /** Names that clients may ask for, patterns among them. */
  models: readonly string[]
  /** The one that the example asks. */
  exampleModel: string | undefined
}

/** Names of models that are spelled out. */
const SHOWN_MODELS = 6
/** Name of the shell variable where the key is written in a file. */
const KEY_VARIABLE = 'MASTER_KEY'

/** What a start prints: where it listens, with which key, a line to try it, what it serves. */
export function renderBanner(facts: BannerFacts): string {
  const { version, url, isPublic } = facts
  const lines = [
    `Switchyard ${version} listens on ${url}${isPublic ? ', and for other machines' : ''}`,
    `  key     ${keyLine(facts.key)}`,
    `  try     ${tryLine(facts)}`,
    `  config  ${configLine(facts)}`,
    `  models  ${modelsLine(facts.models)}`,
    `  docs    ${url}/docs`,
  ]
  return `${lines.join('\n')}\n`
}

function keyLine(key: KeyPlace): string {
  switch (key.type) {
    case 'kept':
      return key.fresh === undefined
        ? `in ${key.path}`
        : `${key.fresh} (new, shown only now; kept in ${key.path})`
    case 'variable':
      return `the value of ${key.name}`
    case 'configuration':
      return `general_settings.master_key, ${key.place}; the line below expects it in $${KEY_VARIABLE}`
    case 'none':
      return 'none: whoever reaches the server is its administrator, so it listens on this machine only; set general_settings.master_key'
  }
}

function tryLine({ url, key, exampleModel }: BannerFacts): string {
  const body = JSON.stringify({
    model: exampleModel ?? '<model>',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const secret = secretInShell(key)
  return [
    `curl ${url}/v1/chat/completions`,
    ...(secret === undefined ? [] : [`-H "Authorization: Bearer ${secret}"`]),
    "-H 'Content-Type: application/json'",
    `-d ${quote(body)}`,
  ].join(' ')
}

/** The key as a shell finds it, so that it stands in no history. */
function secretInShell(key: KeyPlace): string | undefined {
  switch (key.type) {
    case 'kept':
      return `$(cat ${quote(key.path)})`
    case 'variable':
      return `$${key.name}`
    case 'configuration':
      return `$${KEY_VARIABLE}`
    case 'none':
      return undefined
  }
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return /^[\w/.:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function configLine({ configPath, onlyModel }: BannerFacts): string {
  if (configPath !== undefined) return configPath
  if (onlyModel !== undefined) return `no file: --model ${onlyModel} answers whatever model is asked for`
  return 'no file: set OPENAI_API_KEY, ANTHROPIC_API_KEY … for their models, or pass --config config.yaml (model_list, as LiteLLM writes it)'
}

function modelsLine(models: readonly string[]): string {
  if (models.length === 0) return 'none yet: add a model_list to the configuration'
  const more = models.length - SHOWN_MODELS
  return `${models.length}: ${models.slice(0, SHOWN_MODELS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
