import { JINA_RERANK, OPENAI_TRANSCRIPTION, service } from './compatible-service.ts'
import type { Provider } from './provider.ts'

/** Servers that people run themselves, as a rule without a key, one row each as in `compatible.ts`. */
export const ownServers: readonly Provider[] = [
  service('hosted_vllm', 'vLLM server', 'http://localhost:8000/v1', 'HOSTED_VLLM_API_KEY', {
    transcription: OPENAI_TRANSCRIPTION,
    rerank: JINA_RERANK,
    keyOptional: true,
    aliases: ['vllm'],
    responses: true,
    quirks: { answers: 'deviant' },
  }),
  service('llamafile', 'Llamafile', 'http://127.0.0.1:8080/v1', 'LLAMAFILE_API_KEY', { keyOptional: true }),
  service('lm_studio', 'LM Studio', 'http://localhost:1234/v1', ['LM_STUDIO_API_KEY', 'LMSTUDIO_API_KEY'], {
    keyOptional: true,
    aliases: ['lmstudio'],
    responses: true,
    quirks: { answers: 'deviant' },
  }),
  service('docker_model_runner', 'Docker Model Runner', 'http://localhost:12434/engines/v1', [], {
    keyOptional: true,
  }),
  service('lemonade', 'Lemonade', 'http://localhost:8000/api/v1', [], { keyOptional: true }),
  service('xinference', 'Xinference', 'http://127.0.0.1:9997/v1', 'XINFERENCE_API_KEY', {
    transcription: OPENAI_TRANSCRIPTION,
    rerank: JINA_RERANK,
    keyOptional: true,
  }),
  service('oobabooga', 'text-generation-webui', undefined, [], { keyOptional: true }),
  service('custom_openai', 'Any OpenAI-compatible server', undefined, [], {
    transcription: OPENAI_TRANSCRIPTION,
    rerank: JINA_RERANK,
    keyOptional: true,
    aliases: ['openai_like', 'aiohttp_openai', 'openai_compatible'],
    responses: true,
  }),
  service('gpustack', 'GPUStack', 'http://localhost/v1', 'GPUSTACK_API_KEY', {
    rerank: JINA_RERANK,
    keyOptional: true,
    quirks: { answers: 'deviant' },
  }),
]
