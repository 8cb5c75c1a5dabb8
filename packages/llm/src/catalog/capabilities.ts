import type { Capability, Rates } from '../types/model.ts'

/** Abilities by family, for models that our table does not have: new ones, and new names of old ones. */
const families: readonly (readonly [RegExp, readonly Capability[]])[] = [
  [
    /(^|[./])(gpt-(4o|4\.1|4\.5|[5-9])|chatgpt-4o)/,
    ['function_calling', 'tool_choice', 'vision', 'prompt_caching', 'response_schema', 'system_messages'],
  ],
  [/(^|[./])(gpt-4|gpt-3\.5-turbo)(?!.*instruct)/, ['function_calling', 'tool_choice', 'system_messages']],
  [/(^|[./])gpt-([5-9])(?!.*chat)/, ['reasoning', 'pdf_input']],
  [
    /(^|[./])(o[1-9])(-(?!mini-2024|preview)|$)/,
    ['function_calling', 'tool_choice', 'reasoning', 'prompt_caching', 'response_schema', 'system_messages'],
  ],
  [
    /(^|[./])claude-/,
    ['function_calling', 'tool_choice', 'vision', 'pdf_input', 'prompt_caching', 'system_messages'],
  ],
  [/(^|[./])claude-(?!2|3-[05]|3-(opus|sonnet|haiku)|instant|v1)/, ['reasoning', 'response_schema']],
  [
    /(^|[./])gemini-(1\.5|[2-9])/,
    [
      'function_calling',
      'tool_choice',
      'vision',
      'pdf_input',
      'audio_input',
      'response_schema',
      'system_messages',
    ],
  ],
  [/(^|[./])gemini-(2\.5|[3-9])/, ['reasoning', 'prompt_caching']],
  [/(^|[./])grok-[3-9]/, ['function_calling', 'tool_choice', 'response_schema', 'system_messages']],
  [/(^|[./])command-(a|r)/, ['function_calling', 'tool_choice', 'response_schema', 'system_messages']],
  [
    /(^|[./])(mistral-(large|medium|small)|ministral)/,
    ['function_calling', 'tool_choice', 'system_messages'],
  ],
  [/(^|[./])nova-(lite|micro|pro|premier|2)/, ['function_calling', 'tool_choice', 'system_messages']],
]

export function capabilitiesByFamily(model: string): readonly Capability[] {
  return families.flatMap(([pattern, capabilities]) => (pattern.test(model) ? capabilities : []))
}

/** Calls several tools in one turn: no catalogue says so, the providers' documentation does. */
const parallelTools =
  /(^|[./])(gpt-(3\.5|4|[5-9])|chatgpt-4o|claude-(3-[57]|[a-z]+-[4-9]|[4-9])|gemini-(1\.5|[2-9])|grok-[3-9]|mistral-|command-(a|r)|deepseek-)/

const searchesTheWeb = /search|(^|\/)sonar/

/** What follows from other facts about a model. */
export function impliedCapabilities(
  model: string,
  known: ReadonlySet<Capability>,
  rates: Rates | undefined,
): readonly Capability[] {
  const implied: Capability[] = []
  if (known.has('function_calling') && parallelTools.test(model)) implied.push('parallel_function_calling')
  if (rates?.cacheReadPicoUsd !== undefined) implied.push('prompt_caching')
  if (rates?.perWebSearchPicoUsd !== undefined || searchesTheWeb.test(model)) implied.push('web_search')
  return implied
}
