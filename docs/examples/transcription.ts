import { transcription } from '@switchyard/llm'
import OpenAI from 'openai'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const recording = new File([new Uint8Array(16_000)], 'speech.mp3', { type: 'audio/mpeg' })

// #region call
const { text, words, usage } = await transcription({
  model: 'litellm_proxy/demo', // this gateway; else openai/whisper-1, groq/whisper-large-v3, deepgram/nova-3 …
  ...demo.target,
  file: recording, // a File or Blob, bytes, or fs.createReadStream('speech.mp3')
  response_format: 'verbose_json',
})
console.log(text, words?.length, usage)
// #endregion

const { url, key } = demo
// #region gateway
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key })
const subtitles = await client.audio.transcriptions.create({
  model: 'demo',
  file: recording,
  response_format: 'vtt',
})
console.log(subtitles)
// #endregion

await demo.close()
