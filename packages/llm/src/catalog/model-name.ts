/** The ways one model may be written, each list from the most to the least exact. */
export interface NameForms {
  /** Forms that share a price. */
  priced: readonly string[]
  /** Forms that share limits and capabilities; longer, since a fine-tuned model is priced on its own. */
  described: readonly string[]
}

/**
 * Spells out the forms under which a catalogue may know a model: without route words, region, version and
 * date, with and without `-latest`. Told from the shape of the name alone, so any provider's name may come.
 */
export function nameForms(model: string, idPrefix?: string | undefined): NameForms {
  const named = withoutRoute(model)
  const fineTuned = /^ft:([^:]+)/.exec(named)
  if (fineTuned !== null) {
    const base = fineTuned[1] ?? ''
    return {
      priced: unique([named, `ft:${base}`, `ft:${withoutDate(base)}`]),
      described: plainForms(base, idPrefix),
    }
  }
  const priced = plainForms(named, idPrefix)
  return { priced, described: unique([...priced, ...priced.flatMap(withoutVendor)]) }
}

function plainForms(model: string, idPrefix: string | undefined): string[] {
  const spelled = [model, model.replace(/^gpt-35/, 'gpt-3.5')]
  const simpler = [withoutRegion, withoutVariant, withoutVersion, withoutDate, withoutPreviewDate]
  let forms = unique(spelled)
  for (const simplify of simpler) forms = unique([...forms, ...forms.map(simplify)])
  const bare = forms.map((form) => form.replace(/-latest$/, ''))
  const all = unique([...forms, ...bare, ...bare.map((form) => `${form}-latest`)])
  return idPrefix === undefined ? all : unique([...all, ...all.map((form) => idPrefix + form)])
}

const routeWord =
  /^(converse(_like)?|invoke|chat_completions|responses|chat|models|global|global-standard|eu|us)$/
const regionWord = /^([a-z]{2}(-[a-z]+)+-\d|\d+-month-commitment)$/

/** `converse/us.anthropic.x`, `us-east-1/x`, `publishers/google/models/x`, an ARN: the model alone. */
function withoutRoute(model: string): string {
  if (model.startsWith('arn:')) return model.slice(model.lastIndexOf('/') + 1)
  const published = /^publishers\/[^/]+\/models\/(.+)$/.exec(model)
  if (published?.[1] !== undefined) return published[1]
  const slash = model.indexOf('/')
  const first = model.slice(0, Math.max(slash, 0))
  return routeWord.test(first) || regionWord.test(first) ? withoutRoute(model.slice(slash + 1)) : model
}

const vendors =
  'amazon|anthropic|ai21|cohere|deepseek|google|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|writer|xai|zai'
const regionPrefix = new RegExp(`^(us|us-gov|eu|apac|au|ca|jp|in|global)\\.(?=(${vendors})\\.)`)
const vendorPrefix = new RegExp(`^(${vendors})\\.(?=[a-z])`)

function withoutRegion(model: string): string {
  return model.replace(regionPrefix, '')
}

function withoutVendor(model: string): string[] {
  return vendorPrefix.test(model) ? [model.replace(vendorPrefix, '')] : []
}

/** OpenRouter's routing suffixes. Not `:free`, which is a price of its own. */
function withoutVariant(model: string): string {
  return model.replace(/:(nitro|floor|online|exacto|beta|extended|thinking)$/, '')
}

/** Bedrock's `-v1:0` and context variants, Vertex's `@20250929` and `@default`, `-001`. */
function withoutVersion(model: string): string {
  return model
    .replace(/@(default|latest)$/, '')
    .replace(/@(\d{8})$/, '-$1')
    .replace(/(-v\d+(:\d+(:\d+k)?)?|-\d{3})$/, '')
}

/** `-2024-08-06`, `-20250929`, `-2411`. */
function withoutDate(model: string): string {
  return model.replace(/-(\d{4}-\d{2}-\d{2}|20\d{6}|\d{4})$/, '')
}

/** `-preview-05-20`, `-exp-0827`. */
function withoutPreviewDate(model: string): string {
  return model.replace(/-(preview|exp)-\d{2}-?\d{2}$/, '')
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
