import { findTableModel } from './table.ts'

/**
 * Providers whose own model names are known without a prefix, in the order to ask. `vertex_ai` before
 * `gemini` is LiteLLM's rule for bare `gemini-…` names.
 */
const labs = [
  'openai',
  'anthropic',
  'vertex_ai',
  'mistral',
  'deepseek',
  'xai',
  'perplexity',
  'moonshot',
] as const

/** For names that the table does not know (yet), and where the table's id and the provider's differ. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^claude-.*@/, 'vertex_ai'],
  [/^(us|us-gov|eu|apac|au|ca|jp|in|global)\.[a-z0-9]+\./, 'bedrock'],
  [/^(amazon|anthropic|ai21|cohere|deepseek|meta|mistral|openai|qwen|stability|writer)\.[a-z]/, 'bedrock'],
  [/^arn:aws[a-z-]*:bedrock:/, 'bedrock'],
  [/^gpt-oss/, ''],
  [/^(gpt-|chatgpt-|o\d(-|$)|codex-|computer-use-|ft:(gpt-|o\d|davinci|babbage))/, 'openai'],
  [/^(text-embedding-(3-|ada)|(omni|text)-moderation-|whisper-|tts-|dall-e-|(davinci|babbage)-\d)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^(gemini-|text-embedding-\d{3}|text-multilingual-embedding-|imagen-|veo-)/, 'vertex_ai'],
  [/^(voyage-|rerank-\d)/, 'voyage'],
  [/^(command($|-)|c4ai-)/, 'cohere_chat'],
  [/^(embed-(english|multilingual|v\d)|rerank-)/, 'cohere'],
  [/^(open-)?(mi[sx]tral|ministral|magistral|codestral|devstral|pixtral|voxtral)-/, 'mistral'],
  [/^deepseek-(chat|reasoner|v\d)/, 'deepseek'],
  [/^grok-/, 'xai'],
  [/^sonar($|-)/, 'perplexity'],
  [/^jamba-/, 'ai21_chat'],
  [/^(kimi-|moonshot-)/, 'moonshot'],
]

/** Whose model a name without provider prefix means, where that is beyond doubt. */
export function providerByName(model: string): string | undefined {
  const byRule = rules.find(([pattern]) => pattern.test(model))?.[1]
  if (byRule !== undefined) return byRule === '' ? undefined : byRule
  return labs.find((lab) => findTableModel(lab, model) !== undefined)
}
