import { bearer } from '../auth/bearer.ts'
import { headerKey } from '../auth/header-key.ts'
import { createError } from '../errors.ts'
import { huggingfaceRerankProtocol } from '../protocols/huggingface-rerank/index.ts'
import { jinaRerankProtocol } from '../protocols/jina-rerank/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiCompletionsProtocol } from '../protocols/openai-completions/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { openaiTranscriptionProtocol } from '../protocols/openai-transcription/index.ts'
import { xaiTranscriptionProtocol } from '../protocols/xai-transcription/index.ts'
import type { RerankProtocol, TranscriptionProtocol } from '../protocols/protocol.ts'
import type { Target, UrlParts } from '../types/provider.ts'
import type { Quirks } from '../types/quirks.ts'
import type { Provider, Surface } from './provider.ts'
import { defineProvider } from './provider.ts'

const JINA_RERANK: Surface<RerankProtocol> = { protocol: jinaRerankProtocol }
const OPENAI_TRANSCRIPTION: Surface<TranscriptionProtocol> = { protocol: openaiTranscriptionProtocol }

const THINK = { open: '<think>', close: '</think>' }

/** Mistral refuses every field that it does not know. */
const mistral: Quirks = {
  answers: 'deviant',
  transcripts: 'unnamed',
  streamUsage: 'unasked',
  toolChoiceRequired: 'any',
  seedField: 'random_seed',
  shortToolCallIds: true,
  dropNames: true,
  reasoningEcho: 'thinking-part',
  unsupported: [
    'thinking',
    'top_k',
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'user',
    'verbosity',
    'service_tier',
    'modalities',
    'audio',
    'web_search_options',
    'store',
    'metadata',
    'safety_identifier',
    'prompt_cache_key',
  ],
}

/**
 * Services that are only an address, a key and quirks, one row each: id, name, address, variables of the key. The
 * variable of the address is `<ID>_API_BASE` unless the row names others.
 */
export const compatibleProviders: readonly Provider[] = [
  service('amazon_nova', 'Amazon Nova API', 'https://api.nova.amazon.com/v1', 'AMAZON_NOVA_API_KEY'),
  service('mistral', 'Mistral AI', 'https://api.mistral.ai/v1', 'MISTRAL_API_KEY', {
    transcription: OPENAI_TRANSCRIPTION,
    baseUrlEnv: ['MISTRAL_API_BASE', 'MISTRAL_AZURE_API_BASE'],
    quirks: mistral,
  }),
  service('codestral', 'Mistral Codestral', 'https://codestral.mistral.ai/v1', 'CODESTRAL_API_KEY', {
    quirks: mistral,
  }),
  service('deepseek', 'DeepSeek', 'https://api.deepseek.com', 'DEEPSEEK_API_KEY', {
    responses: true,
    quirks: {
      flattenContent: true,
      jsonSchema: 'json-object',
      reasoningEcho: 'reasoning_content-with-calls',
      reasoningRequest: 'thinking-type',
    },
  }),
  service(
    'perplexity',
    'Perplexity',
    'https://api.perplexity.ai',
    ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    {
      responses: true,
      quirks: {
        alternatingRoles: true,
        embeddingBytes: 'int8',
        unsupported: [
          'tools',
          'tool_choice',
          'parallel_tool_calls',
          'n',
          'seed',
          'stop',
          'logit_bias',
          'logprobs',
          'top_logprobs',
        ],
        answers: 'deviant',
      },
    },
  ),
  service('xai', 'xAI', 'https://api.x.ai/v1', 'XAI_API_KEY', {
    transcription: { protocol: xaiTranscriptionProtocol },
    responses: true,
    quirks: { reasoningOutsideOutput: true, customCallsAreOwn: true, answers: 'deviant' },
    modelQuirks: [
      {
        match: /grok-(3-mini|4|code)/,
        quirks: { unsupported: ['presence_penalty', 'frequency_penalty', 'stop'] },
      },
    ],
  }),
  service('ai21', 'AI21 Labs', 'https://api.ai21.com/studio/v1', 'AI21_API_KEY', { aliases: ['ai21_chat'] }),
  service('meta_llama', 'Meta Llama API', 'https://api.llama.com/compat/v1', 'LLAMA_API_KEY', {
    baseUrlEnv: ['LLAMA_API_BASE'],
  }),
  service('inception', 'Inception (Mercury)', 'https://api.inceptionlabs.ai/v1', 'INCEPTION_API_KEY'),
  service('moonshot', 'Moonshot AI (Kimi)', 'https://api.moonshot.ai/v1', 'MOONSHOT_API_KEY', {
    quirks: {
      toolChoiceRequired: 'unsupported',
      reasoningEcho: 'reasoning_content',
      reasoningRequest: 'thinking-type',
      maxTemperature: 1,
    },
    hosts: ['api.moonshot.cn'],
  }),
  service(
    'dashscope',
    'Alibaba Cloud Model Studio (DashScope)',
    'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    'DASHSCOPE_API_KEY',
    {
      responses: true,
      quirks: { reasoningRequest: 'enable-thinking', reasoningEcho: 'drop' },
      hosts: ['dashscope.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
    },
  ),
  service('qwencloud', 'QwenCloud', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', [
    'QWENCLOUD_API_KEY',
    'DASHSCOPE_API_KEY',
  ]),
  service('zai', 'Z.AI (Zhipu GLM)', 'https://api.z.ai/api/paas/v4', ['ZAI_API_KEY', 'ZHIPU_API_KEY'], {
    quirks: {
      reasoningRequest: 'thinking-type',
      toolChoiceRequired: 'unsupported',
      reasoningEcho: 'reasoning_content',
    },
    hosts: ['open.bigmodel.cn'],
  }),
  service('minimax', 'MiniMax', 'https://api.minimax.io/v1', 'MINIMAX_API_KEY', {
    quirks: { answers: 'deviant', thinkTags: THINK },
    hosts: ['api.minimaxi.com'],
  }),
  service('xiaomi_mimo', 'Xiaomi MiMo', 'https://api.xiaomimimo.com/v1', 'XIAOMI_MIMO_API_KEY'),
  service('sarvam', 'Sarvam AI', 'https://api.sarvam.ai/v1', 'SARVAM_API_KEY'),
  service('maritalk', 'Maritaca (MariTalk)', 'https://chat.maritaca.ai/api', 'MARITALK_API_KEY', {
    auth: headerKey('authorization', { prefix: 'Key ' }),
  }),
  service('jina_ai', 'Jina AI', 'https://api.jina.ai/v1', 'JINA_AI_API_KEY', { rerank: JINA_RERANK }),
  service('writer', 'Writer (Palmyra)', 'https://api.writer.com/v1', 'WRITER_API_KEY', {
    quirks: { chatPath: '/chat', answers: 'deviant' },
  }),
  service(
    'volcengine',
    'Volcengine Ark (Doubao)',
    'https://ark.cn-beijing.volces.com/api/v3',
    ['VOLCENGINE_API_KEY', 'ARK_API_KEY'],
    { responses: true, quirks: { reasoningRequest: 'thinking-type' } },
  ),
  service('tencent', 'Tencent TokenHub', 'https://tokenhub.tencentmaas.com/v1', [
    'TENCENT_API_KEY',
    'TENCENT_TOKENHUB_API_KEY',
  ]),
  service('groq', 'Groq', 'https://api.groq.com/openai/v1', 'GROQ_API_KEY', {
    transcription: OPENAI_TRANSCRIPTION,
    responses: true,
    quirks: {
      leastAudioMs: 10_000,
      transcripts: 'verbose',
      answers: 'deviant',
      dropNames: true,
      unsupported: ['n', 'logit_bias', 'logprobs', 'top_logprobs'],
    },
  }),
  service(
    'nvidia_nim',
    'NVIDIA NIM',
    'https://integrate.api.nvidia.com/v1',
    ['NVIDIA_NIM_API_KEY', 'NVIDIA_API_KEY'],
    { quirks: { embeddingInputType: 'query' } },
  ),
  service('modelscope', 'ModelScope', 'https://api-inference.modelscope.cn/v1', 'MODELSCOPE_API_KEY'),
  service('clarifai', 'Clarifai', 'https://api.clarifai.com/v2/ext/openai/v1', [
    'CLARIFAI_API_KEY',
    'CLARIFAI_PAT',
  ]),
  service(
    'together_ai',
    'Together AI',
    'https://api.together.xyz/v1',
    ['TOGETHERAI_API_KEY', 'TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHER_AI_TOKEN'],
    {
      transcription: OPENAI_TRANSCRIPTION,
      rerank: JINA_RERANK,
      quirks: { finishReasons: { eos: 'stop' }, answers: 'deviant', transcripts: 'verbose' },
      modelQuirks: [{ match: /DeepSeek-R1/i, quirks: { thinkTags: THINK } }],
    },
  ),
  service(
    'fireworks_ai',
    'Fireworks AI',
    'https://api.fireworks.ai/inference/v1',
    ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
    {
      rerank: JINA_RERANK,
      baseUrlEnv: ['FIREWORKS_API_BASE'],
      responses: true,
      quirks: { modelPrefix: 'accounts/fireworks/models/', toolChoiceRequired: 'any' },
    },
  ),
  service('deepinfra', 'DeepInfra', 'https://api.deepinfra.com/v1/openai', 'DEEPINFRA_API_KEY', {
    quirks: { toolChoiceRequired: 'unsupported' },
  }),
  service('cerebras', 'Cerebras', 'https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY', {
    quirks: { answers: 'deviant' },
  }),
  service('sambanova', 'SambaNova', 'https://api.sambanova.ai/v1', 'SAMBANOVA_API_KEY'),
  service('novita', 'Novita AI', 'https://api.novita.ai/v3/openai', 'NOVITA_API_KEY'),
  service('nebius', 'Nebius Token Factory', 'https://api.studio.nebius.ai/v1', 'NEBIUS_API_KEY', {
    hosts: ['api.tokenfactory.nebius.com'],
  }),
  service('nscale', 'Nscale', 'https://inference.api.nscale.com/v1', 'NSCALE_API_KEY'),
  service('hyperbolic', 'Hyperbolic', 'https://api.hyperbolic.xyz/v1', 'HYPERBOLIC_API_KEY'),
  service('lambda_ai', 'Lambda', 'https://api.lambda.ai/v1', 'LAMBDA_API_KEY', {
    baseUrlEnv: ['LAMBDA_API_BASE'],
  }),
  service(
    'friendliai',
    'FriendliAI',
    'https://api.friendli.ai/serverless/v1',
    ['FRIENDLIAI_API_KEY', 'FRIENDLI_TOKEN'],
    { baseUrlEnv: ['FRIENDLI_API_BASE'] },
  ),
  service('featherless_ai', 'Featherless AI', 'https://api.featherless.ai/v1', 'FEATHERLESS_AI_API_KEY', {
    baseUrlEnv: ['FEATHERLESS_API_BASE'],
  }),
  service('baseten', 'Baseten', 'https://inference.baseten.co/v1', 'BASETEN_API_KEY'),
  service('anyscale', 'Anyscale Endpoints', 'https://api.endpoints.anyscale.com/v1', 'ANYSCALE_API_KEY'),
  service('chutes', 'Chutes', 'https://llm.chutes.ai/v1', 'CHUTES_API_KEY'),
  service('galadriel', 'Galadriel', 'https://api.galadriel.com/v1', 'GALADRIEL_API_KEY'),
  service('empower', 'Empower', 'https://app.empower.dev/api/v1', 'EMPOWER_API_KEY'),
  service('github', 'GitHub Models', 'https://models.inference.ai.azure.com', 'GITHUB_API_KEY', {
    quirks: { answers: 'deviant' },
    hosts: ['models.github.ai'],
  }),
  service('gradient_ai', 'DigitalOcean GradientAI', 'https://inference.do-ai.run/v1', 'GRADIENT_AI_API_KEY'),
  service(
    'ovhcloud',
    'OVHcloud AI Endpoints',
    'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
    'OVHCLOUD_API_KEY',
  ),
  service('scaleway', 'Scaleway Generative APIs', 'https://api.scaleway.ai/v1', [
    'SCW_SECRET_KEY',
    'SCALEWAY_API_KEY',
  ]),
  service('wandb', 'Weights & Biases Inference', 'https://api.inference.wandb.ai/v1', 'WANDB_API_KEY'),
  service('heroku', 'Heroku Managed Inference', 'https://us.inference.heroku.com/v1', 'HEROKU_API_KEY'),
  service(
    'crusoe',
    'Crusoe Managed Inference',
    'https://api.inference.crusoecloud.com/v1',
    'CRUSOE_API_KEY',
    { hosts: ['managed-inference-api-proxy.crusoecloud.com'] },
  ),
  service('gmi', 'GMI Cloud', 'https://api.gmi-serving.com/v1', 'GMI_API_KEY'),
  service('parasail', 'Parasail', 'https://api.parasail.io/v1', 'PARASAIL_API_KEY', { responses: true }),
  service('tensormesh', 'Tensormesh', 'https://serverless.tensormesh.ai/v1', 'TENSORMESH_API_KEY'),
  service('compactifai', 'CompactifAI (Multiverse)', 'https://api.compactif.ai/v1', 'COMPACTIFAI_API_KEY'),
  service('publicai', 'PublicAI', 'https://api.publicai.co/v1', 'PUBLICAI_API_KEY', {
    quirks: { maxTokensField: 'max_tokens', flattenContent: true },
    headers: { 'user-agent': 'switchyard' },
  }),
  service('synthetic', 'Synthetic', 'https://api.synthetic.new/openai/v1', 'SYNTHETIC_API_KEY'),
  service('llamagate', 'LlamaGate', 'https://api.llamagate.dev/v1', 'LLAMAGATE_API_KEY'),
  service('salad_cloud', 'SaladCloud AI Gateway', 'https://ai.salad.cloud/v1', 'SALAD_CLOUD_API_KEY'),
  service(
    'charity_engine',
    'Charity Engine',
    'https://api.charityengine.services/remotejobs/v2/inference',
    'CHARITY_ENGINE_API_KEY',
  ),
  service('libertai', 'LibertAI', 'https://api.libertai.io/v1', 'LIBERTAI_API_KEY'),
  service('empiriolabs', 'EmpirioLabs', 'https://api.empiriolabs.ai/v1', 'EMPIRIOLABS_API_KEY', {
    responses: true,
  }),
  service('neosantara', 'Neosantara', 'https://api.neosantara.xyz/v1', 'NEOSANTARA_API_KEY', {
    responses: true,
  }),
  service('scx-ai', 'SCX.ai', 'https://api.scx.ai/v1', 'SCX_API_KEY'),
  service('abliteration', 'Abliteration', 'https://api.abliteration.ai/v1', 'ABLITERATION_API_KEY'),
  service('v0', 'v0 by Vercel', 'https://api.v0.dev/v1', 'V0_API_KEY'),
  service('morph', 'Morph', 'https://api.morphllm.com/v1', 'MORPH_API_KEY'),
  service('venice', 'Venice.ai', 'https://api.venice.ai/api/v1', ['VENICE_AI_API_KEY', 'VENICE_API_KEY'], {
    aliases: ['veniceai'],
  }),
  service(
    'huggingface',
    'Hugging Face',
    'https://router.huggingface.co/v1',
    ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    {
      quirks: { answers: 'deviant' },
      wireModel: huggingfaceModel,
      rerank: { protocol: huggingfaceRerankProtocol, url: inferenceUrl },
    },
  ),
  service('302ai', '302.AI', 'https://api.302.ai/v1', '302AI_API_KEY'),
  service('abacus', 'Abacus', 'https://routellm.abacus.ai/v1', 'ABACUS_API_KEY'),
  service('ambient', 'Ambient', 'https://api.ambient.xyz/v1', 'AMBIENT_API_KEY'),
  service('anyapi', 'AnyAPI', 'https://api.anyapi.ai/v1', 'ANYAPI_API_KEY'),
  service('auriko', 'Auriko', 'https://api.auriko.ai/v1', 'AURIKO_API_KEY'),
  service('bailing', 'Bailing', 'https://api.tbox.cn/api/llm/v1', 'BAILING_API_TOKEN'),
  service('berget', 'Berget.AI', 'https://api.berget.ai/v1', 'BERGET_API_KEY'),
  service('claudinio', 'Claudinio', 'https://api.claudin.io/v1', 'CLAUDINIO_API_KEY'),
  service(
    'cloudferro_sherlock',
    'CloudFerro Sherlock',
    'https://api-sherlock.cloudferro.com/openai/v1',
    'CLOUDFERRO_SHERLOCK_API_KEY',
  ),
  service('cortecs', 'Cortecs', 'https://api.cortecs.ai/v1', 'CORTECS_API_KEY'),
  service('crof', 'CrofAI', 'https://crof.ai/v1', 'CROF_API_KEY'),
  service('dinference', 'DInference', 'https://api.dinference.com/v1', 'DINFERENCE_API_KEY'),
  service('drun', 'D.Run (China)', 'https://chat.d.run/v1', 'DRUN_API_KEY'),
  service('evroc', 'evroc', 'https://models.think.evroc.com/v1', 'EVROC_API_KEY'),
  service('fastrouter', 'FastRouter', 'https://go.fastrouter.ai/api/v1', 'FASTROUTER_API_KEY'),
  service('frogbot', 'FrogBot', 'https://app.frogbot.ai/api/v1', 'FROGBOT_API_KEY'),
  service('hpc_ai', 'HPC-AI', 'https://api.hpc-ai.com/inference/v1', 'HPC_AI_API_KEY'),
  service('iflowcn', 'iFlow', 'https://apis.iflow.cn/v1', 'IFLOW_API_KEY'),
  service('inceptron', 'Inceptron', 'https://api.inceptron.io/v1', 'INCEPTRON_API_KEY'),
  service('inference', 'Inference', 'https://inference.net/v1', 'INFERENCE_API_KEY'),
  service('io_net', 'IO.NET', 'https://api.intelligence.io.solutions/api/v1', 'IOINTELLIGENCE_API_KEY'),
  service('jiekou', 'Jiekou.AI', 'https://api.jiekou.ai/openai', 'JIEKOU_API_KEY'),
  service('kilo', 'Kilo Gateway', 'https://api.kilo.ai/api/gateway', 'KILO_API_KEY'),
  service('lilac', 'Lilac', 'https://api.getlilac.com/v1', 'LILAC_API_KEY'),
  service('llmgateway', 'LLM Gateway', 'https://api.llmgateway.io/v1', 'LLMGATEWAY_API_KEY'),
  service('llmtr', 'LLMTR', 'https://llmtr.com/v1', 'LLMTR_API_KEY'),
  service('lucidquery', 'LucidQuery', 'https://api.lucidquery.com/v1', 'LUCIDQUERY_API_KEY'),
  service('meganova', 'Meganova', 'https://api.meganova.ai/v1', 'MEGANOVA_API_KEY'),
  service('mixlayer', 'Mixlayer', 'https://models.mixlayer.ai/v1', 'MIXLAYER_API_KEY'),
  service('moark', 'Moark', 'https://moark.com/v1', 'MOARK_API_KEY'),
  service('nearai', 'NEAR AI Cloud', 'https://cloud-api.near.ai/v1', 'NEARAI_API_KEY'),
  service('neuralwatt', 'Neuralwatt', 'https://api.neuralwatt.com/v1', 'NEURALWATT_API_KEY'),
  service('ollama_cloud', 'Ollama Cloud', 'https://ollama.com/v1', 'OLLAMA_API_KEY', {
    quirks: { answers: 'deviant', reasoningEcho: 'reasoning' },
  }),
  service('opencode', 'OpenCode Zen', 'https://opencode.ai/zen/v1', 'OPENCODE_API_KEY'),
  service('orcarouter', 'OrcaRouter', 'https://api.orcarouter.ai/v1', 'ORCAROUTER_API_KEY'),
  service('poolside', 'Poolside', 'https://inference.poolside.ai/v1', 'POOLSIDE_API_KEY'),
  service('qihang_ai', 'QiHang', 'https://api.qhaigc.net/v1', 'QIHANG_API_KEY'),
  service('qiniu_ai', 'Qiniu', 'https://api.qnaigc.com/v1', 'QINIU_API_KEY'),
  service('regolo_ai', 'Regolo AI', 'https://api.regolo.ai/v1', 'REGOLO_API_KEY'),
  service('requesty', 'Requesty', 'https://router.requesty.ai/v1', 'REQUESTY_API_KEY'),
  service('routing_run', 'routing.run', 'https://ai.routing.sh/v1', 'ROUTING_RUN_API_KEY'),
  service('sakana', 'Sakana AI', 'https://api.sakana.ai/v1', 'SAKANA_API_KEY'),
  service('siliconflow', 'SiliconFlow', 'https://api.siliconflow.com/v1', 'SILICONFLOW_API_KEY'),
  service(
    'stackit',
    'STACKIT',
    'https://api.openai-compat.model-serving.eu01.onstackit.cloud/v1',
    'STACKIT_API_KEY',
  ),
  service('stepfun', 'StepFun', 'https://api.stepfun.com/v1', 'STEPFUN_API_KEY'),
  service('subconscious', 'Subconscious', 'https://api.subconscious.dev/v1', 'SUBCONSCIOUS_API_KEY'),
  service('submodel', 'submodel', 'https://llm.submodel.ai/v1', 'SUBMODEL_INSTAGEN_ACCESS_KEY'),
  service('the_grid_ai', 'The Grid AI', 'https://api.thegrid.ai/v1', 'THEGRIDAI_API_KEY'),
  service('tinfoil', 'Tinfoil', 'https://inference.tinfoil.sh/v1', 'TINFOIL_API_KEY'),
  service('upstage', 'Upstage', 'https://api.upstage.ai/v1/solar', 'UPSTAGE_API_KEY'),
  service('vivgrid', 'Vivgrid', 'https://api.vivgrid.com/v1', 'VIVGRID_API_KEY'),
  service('vultr', 'Vultr', 'https://api.vultrinference.com/v1', 'VULTR_API_KEY'),
  service('wafer.ai', 'Wafer', 'https://pass.wafer.ai/v1', 'WAFER_API_KEY'),
  service('xpersona', 'Xpersona', 'https://www.xpersona.co/v1', 'XPERSONA_API_KEY'),
  service('zeldoc', 'Zeldoc', 'https://api.zeldoc.ai/v1', 'ZELDOC_API_KEY'),
  service('zenmux', 'ZenMux', 'https://zenmux.ai/api/v1', 'ZENMUX_API_KEY'),
  service('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', ['OPENROUTER_API_KEY', 'OR_API_KEY'], {
    transcription: OPENAI_TRANSCRIPTION,
    rerank: JINA_RERANK,
    responses: true,
    quirks: { reasoningEcho: 'reasoning_details', reasoningRequest: 'reasoning-object', answers: 'deviant' },
  }),
  service(
    'vercel_ai_gateway',
    'Vercel AI Gateway',
    'https://ai-gateway.vercel.sh/v1',
    ['VERCEL_AI_GATEWAY_API_KEY', 'AI_GATEWAY_API_KEY', 'VERCEL_OIDC_TOKEN'],
    { quirks: { answers: 'deviant' } },
  ),
  service('aiml', 'AI/ML API', 'https://api.aimlapi.com/v1', 'AIML_API_KEY'),
  service('aihubmix', 'AIHubMix', 'https://aihubmix.com/v1', 'AIHUBMIX_API_KEY'),
  service('cometapi', 'CometAPI', 'https://api.cometapi.com/v1', 'COMETAPI_KEY', {
    baseUrlEnv: ['COMETAPI_BASE_URL'],
  }),
  service('helicone', 'Helicone AI Gateway', 'https://ai-gateway.helicone.ai', 'HELICONE_API_KEY'),
  service('nano-gpt', 'NanoGPT', 'https://nano-gpt.com/api/v1', 'NANOGPT_API_KEY', { aliases: ['nanogpt'] }),
  service('poe', 'Poe', 'https://api.poe.com/v1', 'POE_API_KEY'),
  service('apertis', 'Apertis', 'https://api.stima.tech/v1', 'STIMA_API_KEY'),
  service('litellm_proxy', 'Another LiteLLM-compatible proxy', undefined, 'LITELLM_PROXY_API_KEY', {
    transcription: OPENAI_TRANSCRIPTION,
    rerank: JINA_RERANK,
    responses: true,
    quirks: { reasoningEcho: 'thinking_blocks' },
  }),
  service(
    'assemblyai',
    'AssemblyAI (LLM gateway, transcription)',
    'https://llm-gateway.assemblyai.com/v1',
    'ASSEMBLYAI_API_KEY',
  ),
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

/** What a row may say beyond the usual. */
interface More extends Partial<Omit<Provider, 'id' | 'name' | 'baseUrl' | 'keyEnv' | 'speaks'>> {
  /** It ranks documents, by this wire. */
  rerank?: Surface<RerankProtocol>
  /** It offers `/responses` of its own. */
  responses?: boolean
  /** It listens to recordings, by this wire. */
  transcription?: Surface<TranscriptionProtocol>
}

function service(
  id: string,
  name: string,
  baseUrl: string | undefined,
  keyEnv: string | readonly string[],
  { responses = false, transcription, rerank, ...more }: More = {},
): Provider {
  return defineProvider({
    id,
    name,
    baseUrl,
    baseUrlEnv: [`${id.toUpperCase().replaceAll(/\W/g, '_')}_API_BASE`],
    keyEnv: typeof keyEnv === 'string' ? [keyEnv] : keyEnv,
    auth: bearer({ optional: more.keyOptional }),
    speaks: {
      chat: { protocol: openaiChatProtocol },
      completions: { protocol: openaiCompletionsProtocol },
      embeddings: { protocol: openaiEmbeddingsProtocol },
      ...(responses ? { responses: { protocol: openaiResponsesProtocol } } : {}),
      ...(rerank === undefined ? {} : { rerank }),
      ...(transcription === undefined ? {} : { transcription }),
    },
    ...more,
  })
}

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
