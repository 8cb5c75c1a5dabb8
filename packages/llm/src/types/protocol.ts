/** Wire formats we speak. A wire format is not a company: dozens of services speak `openai-chat`. */
export type ProtocolId =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'bedrock-invoke'
  | 'cohere'
  | 'ollama'
  | 'watsonx'
  | 'demo'
