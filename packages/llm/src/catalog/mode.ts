import type { ModelMode } from '../types/model.ts'

const modesByName: readonly (readonly [RegExp, ModelMode])[] = [
  [/rerank|semantic-ranker/i, 'rerank'],
  [/embed|(^|[/.-])(bge|gte|e5|voyage)-/i, 'embedding'],
  [/moderation/i, 'moderation'],
  [/whisper|transcribe|(^|\/)(nova-[23]|scribe_v|grok-stt)/i, 'transcription'],
  [/(^|[/.-])tts([-.]|$)|text-to-speech|(^|\/)aura-|eleven_/i, 'speech'],
  [
    /gpt-image|chatgpt-image|dall-e|imagen-|(^|[/.-])flux|stable-(diffusion|image)|sdxl|seedream|recraft|ideogram/i,
    'image',
  ],
  [
    /^(ft:)?(text-)?(davinci|babbage|curie|ada)(-\d+)?$|gpt-(3\.5|35)-turbo-instruct|titan-text/i,
    'completion',
  ],
]

/** Models of OpenAI's own API that answer on `/responses` only. */
const responsesOnly =
  /^(o1-pro|o3-pro|gpt-\d+(\.\d+)?-pro|gpt-\d+(\.\d+)?-codex|codex-|o\d(-mini)?-deep-research|computer-use)/

const servesResponses: ReadonlySet<string> = new Set(['openai', 'azure'])

/** What a model is for, told from its name; `chat` where nothing speaks against it. */
export function modeByName(provider: string, model: string): ModelMode {
  if (servesResponses.has(provider) && responsesOnly.test(model)) return 'responses'
  return modesByName.find(([pattern]) => pattern.test(model))?.[1] ?? 'chat'
}
