import { createError } from '../errors.ts'
import { huggingfaceRerankProtocol } from '../protocols/huggingface-rerank/index.ts'
import type { Target, UrlParts } from '../types/provider.ts'
import { service } from './compatible-service.ts'
import type { Provider } from './provider.ts'

/** Hugging Face: its router for chat, its inference endpoints for ranking. */
export const huggingface: Provider = service(
  'huggingface',
  'Hugging Face',
  'https://router.huggingface.co/v1',
  ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
  {
    quirks: { answers: 'deviant' },
    wireModel: huggingfaceModel,
    rerank: { protocol: huggingfaceRerankProtocol, url: inferenceUrl },
  },
)

/** Documents are ranked by a server of one's own, which has its model and no version in its paths. */
function inferenceUrl({ base, custom, path, model }: UrlParts): string {
  if (!custom)
    throw createError({
      code: 'bad_request',
      message: `Hugging Face ranks documents on inference endpoints only: set api_base to the one that serves '${model}'`,
      param: 'api_base',
      provider: 'huggingface',
    })
  return base.endsWith(path) ? base : `${base.replace(/\/v1$/, '')}${path}`
}

/** `huggingface/<inference provider>/<organization>/<model>` is `<organization>/<model>:<inference provider>` there. */
function huggingfaceModel({ model, apiBase }: Target): string {
  const [host, organization, name, ...rest] = model.split('/')
  const routed = apiBase === undefined && name !== undefined && rest.length === 0
  return routed ? `${organization}/${name}:${host}` : model
}
