import { headerKey } from '../auth/header-key.ts'
import { elevenlabsTranscriptionProtocol } from '../protocols/elevenlabs-transcription/index.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/** Transcription only; no chat. */
export const elevenlabs: Provider = defineProvider({
  id: 'elevenlabs',
  name: 'ElevenLabs',
  baseUrl: 'https://api.elevenlabs.io',
  baseUrlEnv: ['ELEVENLABS_API_BASE'],
  keyEnv: ['ELEVENLABS_API_KEY'],
  auth: headerKey('xi-api-key'),
  hosts: ['api.elevenlabs.io'],
  speaks: { transcription: { protocol: elevenlabsTranscriptionProtocol } },
})
