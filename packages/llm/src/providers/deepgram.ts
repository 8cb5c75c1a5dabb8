import { headerKey } from '../auth/header-key.ts'
import { deepgramTranscriptionProtocol } from '../protocols/deepgram-transcription/index.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/** Transcription only; no chat. */
export const deepgram: Provider = defineProvider({
  id: 'deepgram',
  name: 'Deepgram',
  baseUrl: 'https://api.deepgram.com/v1',
  baseUrlEnv: ['DEEPGRAM_API_BASE'],
  keyEnv: ['DEEPGRAM_API_KEY'],
  auth: headerKey('authorization', { prefix: 'Token ' }),
  hosts: ['api.deepgram.com'],
  speaks: { transcription: { protocol: deepgramTranscriptionProtocol } },
})
