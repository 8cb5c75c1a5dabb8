import type { ConfigFile } from '../schema.ts'
import { CACHE_TYPES, OTHER_CACHE_TYPES } from '../schema/cache-params.ts'
import type { KeyFinding } from './known-keys.ts'

const PATH = 'litellm_settings.cache_params'

/** A cache that cannot be what is written is refused before anybody waits for it. */
export function checkCache({ litellm_settings: litellm, model_list: models }: ConfigFile): KeyFinding[] {
  const params = litellm?.cache_params
  if (params == null || litellm?.cache !== true) return []
  const { type } = params
  const findings: KeyFinding[] = []
  const refuse = (name: string, message: string, fix: string): void =>
    void findings.push({ level: 'error', path: `${PATH}.${name}`, at: `${PATH}.${name}`, message, fix })

  if (typeof type === 'string' && OTHER_CACHE_TYPES.includes(type))
    refuse(
      'type',
      `'${type}' is a store that this gateway does not have`,
      `choose one of ${CACHE_TYPES.join(', ')}`,
    )
  for (const name of ['redis_startup_nodes', 'sentinel_nodes'] as const)
    if (params[name] != null)
      refuse(
        name,
        'a Redis of several nodes is not offered',
        'name one address with url, or with host and port',
      )
  if (params.namespace != null && !/^[\w.:/-]{0,128}$/.test(params.namespace))
    refuse('namespace', 'expected up to 128 letters, digits and ._:/-', 'choose a plain name')
  for (const [index, word] of (params.supported_call_types ?? []).entries())
    if (
      !/^a?(completion|text_completion|embedding|responses|rerank|transcription|generate_content)$|^anthropic_messages$/.test(
        word,
      )
    )
      findings.push({
        level: 'warning',
        path: `${PATH}.supported_call_types[${index}]`,
        at: `${PATH}.supported_call_types[${index}]`,
        message: `'${word}' is no kind of call that is cached`,
        fix: undefined,
      })
  if (type === 's3' && !params.s3_bucket_name)
    refuse('s3_bucket_name', 'is required for a cache in S3', 'name the bucket')
  if (typeof type === 'string' && type.endsWith('-semantic')) {
    const model = params.embedding_model ?? params.redis_semantic_cache_embedding_model
    if (!model)
      refuse(
        'embedding_model',
        'is required for a semantic cache',
        'name a model of model_list that makes vectors',
      )
    else if (!(models ?? []).some(({ model_name: name }) => serves(name, model)))
      refuse(
        'embedding_model',
        `no entry of model_list serves '${model}'`,
        'add one, or name one that is there',
      )
    if ((params.similarity_threshold ?? 0) > 1)
      refuse(
        'similarity_threshold',
        'expected a number from 0 to 1',
        '1 is the same text, 0.9 nearly the same',
      )
  }
  return findings
}

function serves(name: string, model: string): boolean {
  const star = name.indexOf('*')
  return star < 0 ? name === model : model.startsWith(name.slice(0, star))
}
