import { z } from 'zod'
import { sectionKeys } from './values.ts'
import type { SectionKeys } from './values.ts'

export interface NetworkSettings {
  [key: string]: unknown
  allow_private?: string[] | null | undefined
}

const place = z
  .string('expected a text')
  .regex(
    /^[\w-]+(\.[\w-]+)*:\d{1,5}$/,
    'expected a name with its port, for example llm.example.com:8000 (443 for https, 80 for http)',
  )

const active = { allow_private: z.array(place, 'expected a list of names with their ports').nullish() }

export const networkSchema: z.ZodType<NetworkSettings> = z.looseObject(active)
export const networkKeys: SectionKeys = sectionKeys(active, {})
