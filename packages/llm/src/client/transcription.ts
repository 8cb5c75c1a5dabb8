import { isSwitchyardError } from '../errors.ts'
import { parseTranscriptionRequest, renderTranscription } from '../protocols/openai-transcription/client.ts'
import type {
  TranscriptFormat,
  Transcription,
  TranscriptionAnswer,
  TranscriptionRequest,
} from '../types/transcription.ts'
import type { Attempting } from './attempts.ts'
import { answeredByMock, untilAnswered } from './attempts.ts'
import { keepAudio, readAudio } from './audio.ts'
import type { AudioInput } from './audio.ts'
import { cachedTranscript } from './cached.ts'
import { sendTranscription } from './call.ts'
import type { ClientCore } from './core.ts'
import { authContextOf, placeOf, prepareContextOf, resolveCall, rulesOf, timeoutsOf } from './core.ts'
import type { BareCall } from './layers.ts'
import type { CallOptions } from './options.ts'
import { readPlainCall } from './plain-call.ts'
import { prepareTranscription, transcriptionSurfaceOf } from './prepare.ts'
import { transcriptionUsage } from './transcription-usage.ts'

/** The fields of OpenAI's transcriptions, and the settings of the call. */
export interface ListenParams extends CallOptions {
  model: string
  file: AudioInput
  /** ISO 639-1; left out: the model finds out. */
  language?: string | undefined
  prompt?: string | undefined
  /** `text`, `srt` and `vtt` are the answer's `text`. */
  response_format?: TranscriptFormat | undefined
  temperature?: number | undefined
  timestamp_granularities?: readonly ('word' | 'segment')[] | undefined
}

/** What `transcription()` takes: OpenAI's fields, any provider's own, and the settings of the call. */
export interface TranscriptionParams extends ListenParams {
  [field: string]: unknown
}

export type TranscriptionFunction = (params: TranscriptionParams | ListenParams) => Promise<Transcription>

type Params = TranscriptionParams | ListenParams

interface TranscriptionRun extends Attempting {
  request: TranscriptionRequest
  cloud: Record<string, string | undefined>
}

/** Makes `transcription()` for a client. */
export function createTranscription(core: ClientCore): BareCall<Params> {
  return async ({ file, ...params }, watch) => {
    const { mock, call, cloud, body } = readPlainCall(core, params)
    const request = parseTranscriptionRequest(body, await readAudio(file))
    const run: TranscriptionRun = { core, request, call, cloud, watch }
    const answer =
      mock === undefined
        ? await cachedTranscript({ ...run, operation: 'transcription' }, answerTranscription)
        : await answeredByMock(run, request.model, () => mockTranscript(mock, request))
    watch.record.usage = answer.usage
    return renderTranscription(answer, request)
  }
}

/** A stream can be read once, but attempts may be many. */
export function readingOnce(call: (params: object) => Promise<object>): TranscriptionFunction {
  // What the call answers with is decided by its kind.
  return async (params) => (await call({ ...params, file: await keepAudio(params.file) })) as Transcription
}

/** Has a recording listened to; how long it is is estimated where nobody tells. */
export async function answerTranscription(run: TranscriptionRun): Promise<TranscriptionAnswer> {
  const { core, request, call, cloud } = run
  const resolved = resolveCall(core, request.model, call, cloud)
  const prepared = prepareTranscription(
    resolved,
    transcriptionSurfaceOf(resolved),
    request,
    rulesOf(core, call),
    prepareContextOf(core, resolved),
  )
  const options = { timeouts: timeoutsOf(core, call), signal: call.signal }
  const answer = await untilAnswered(run, placeOf(core, resolved, call), () =>
    sendTranscription(prepared, options, authContextOf(core)),
  )
  return { ...answer, usage: transcriptionUsage(answer, request.file) }
}

function mockTranscript(mock: string | Error, { model, file }: TranscriptionRequest): TranscriptionAnswer {
  if (mock instanceof Error || isSwitchyardError(mock)) throw mock
  const answer = { model, text: mock }
  return { ...answer, usage: transcriptionUsage(answer, file) }
}
