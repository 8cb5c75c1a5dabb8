import { picoUsdFromUsd } from '../catalog/money.ts'
import type { Capability } from '../types/model.ts'
import type { AutoGroups, AutoRule } from './auto.ts'
import { countOf, objectOf, wrong } from './read-setting.ts'

/** Words of people for what a request may use; the catalogue's own are understood, too. */
const CAPABILITIES: ReadonlyMap<string, Capability> = new Map<string, Capability>([
  ['tools', 'function_calling'],
  ['function_calling', 'function_calling'],
  ['vision', 'vision'],
  ['json_schema', 'response_schema'],
  ['response_schema', 'response_schema'],
  ['pdf', 'pdf_input'],
  ['pdf_input', 'pdf_input'],
  ['audio', 'audio_input'],
  ['audio_input', 'audio_input'],
  ['web_search', 'web_search'],
])

const CONDITIONS: ReadonlySet<string> = new Set([
  'min_input_tokens',
  'max_input_tokens',
  'max_cost',
  'needs',
  'without',
  'tags',
])

/**
 * Reads `auto_groups`.
 *
 * @throws `bad_request` that names the rule and what it has to be.
 */
export function readAutoGroups(written: unknown): AutoGroups | undefined {
  const groups = objectOf(written, 'auto_groups')
  if (groups === undefined) return undefined
  const found = Object.entries(groups).map(([name, rules]) => {
    const path = `auto_groups.${name}`
    if (!Array.isArray(rules) || rules.length === 0) throw wrong(path, 'a list of rules')
    const read = rules.map((rule: unknown, index) => ruleOf(rule, `${path}[${index}]`))
    if (read.some(({ model }) => Object.hasOwn(groups, model)))
      throw wrong(path, 'a list of rules whose models are no auto groups themselves')
    return [name, read] as const
  })
  return new Map(found)
}

function ruleOf(written: unknown, path: string): AutoRule {
  const { model, when } = objectOf(written, path) ?? {}
  if (typeof model !== 'string' || model === '') throw wrong(`${path}.model`, 'the name of a model group')
  const conditions = objectOf(when, `${path}.when`) ?? {}
  for (const name of Object.keys(conditions))
    if (!CONDITIONS.has(name)) throw wrong(`${path}.when.${name}`, `one of ${[...CONDITIONS].join(', ')}`)
  return {
    model,
    minInputTokens: countOf(conditions['min_input_tokens'], `${path}.when.min_input_tokens`),
    maxInputTokens: countOf(conditions['max_input_tokens'], `${path}.when.max_input_tokens`),
    maxCostPicoUsd: usdOf(conditions['max_cost'], `${path}.when.max_cost`),
    needs: capabilitiesOf(conditions['needs'], `${path}.when.needs`),
    without: capabilitiesOf(conditions['without'], `${path}.when.without`),
    tags: textsOf(conditions['tags'], `${path}.when.tags`),
  }
}

function usdOf(value: unknown, path: string): bigint | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw wrong(path, 'an amount in USD, at least 0')
  return picoUsdFromUsd(value)
}

function capabilitiesOf(value: unknown, path: string): readonly Capability[] | undefined {
  return textsOf(value, path)?.map((word) => {
    const found = CAPABILITIES.get(word)
    if (found === undefined) throw wrong(path, `some of ${[...CAPABILITIES.keys()].join(', ')}`)
    return found
  })
}

function textsOf(value: unknown, path: string): readonly string[] | undefined {
  if (value === null || value === undefined) return undefined
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw wrong(path, 'a list of words')
  return value
}
