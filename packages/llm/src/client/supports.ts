import { supports } from '../catalog/sdk.ts'
import type { Capability } from '../types/model.ts'

/** Whether a model has an ability, as far as the catalogue knows; false for unknown models. */
export type CapabilityProbe = (model: string, provider?: string) => boolean

function probe(capability: Capability): CapabilityProbe {
  return (model, provider) => supports(capability, model, provider)
}

export const supportsFunctionCalling: CapabilityProbe = probe('function_calling')
export const supportsParallelFunctionCalling: CapabilityProbe = probe('parallel_function_calling')
export const supportsToolChoice: CapabilityProbe = probe('tool_choice')
export const supportsVision: CapabilityProbe = probe('vision')
export const supportsPdfInput: CapabilityProbe = probe('pdf_input')
export const supportsAudioInput: CapabilityProbe = probe('audio_input')
export const supportsAudioOutput: CapabilityProbe = probe('audio_output')
export const supportsPromptCaching: CapabilityProbe = probe('prompt_caching')
export const supportsReasoning: CapabilityProbe = probe('reasoning')
export const supportsResponseSchema: CapabilityProbe = probe('response_schema')
export const supportsSystemMessages: CapabilityProbe = probe('system_messages')
export const supportsWebSearch: CapabilityProbe = probe('web_search')
