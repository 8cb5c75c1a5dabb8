import { stringify } from 'yaml'
import { z } from 'zod'
import { objectAt } from '../config/document/tree.ts'
import type { GatewayConfig } from '../config/index.ts'
import { generalSettingsKeys } from '../config/schema/general-settings.ts'
import { redactTree } from '../config/secrets/redact.ts'
import { defineRoute, json } from '../rest/route.ts'
import type { RestRoute } from '../rest/route.ts'
import { badRequest } from './refusals.ts'

const field = z.looseObject({ field_name: z.string(), field_value: z.unknown() })

/** What the configuration says, secrets masked. It is changed in its file. */
export function createConfigRoutes({ sections }: GatewayConfig): readonly RestRoute[] {
  const common = { tag: 'Gateway', access: 'config:read', method: 'GET' } as const
  const general = objectAt(sections, 'general_settings')
  const names = [...generalSettingsKeys.active, ...generalSettingsKeys.accepted]
  return [
    defineRoute({
      ...common,
      paths: ['/config/list'],
      summary: 'The general settings with their values, secrets masked',
      query: z.object({ config_type: z.literal('general_settings').default('general_settings') }),
      answer: { description: 'The settings', schema: z.array(field) },
      handle: () =>
        json(
          names.map((name) => ({
            field_name: name,
            field_type: typeOf(general[name]),
            field_description: '',
            field_value: redactTree(general[name] ?? null, name),
            stored_in_db: false,
            field_default_value: null,
          })),
        ),
    }),
    defineRoute({
      ...common,
      paths: ['/config/field/info'],
      summary: 'One general setting with its value, secrets masked',
      query: z.object({ field_name: z.string().meta({ description: 'Its name' }) }),
      answer: { description: 'The setting', schema: field },
      handle: ({ query: { field_name: name } }) => {
        if (!names.includes(name))
          throw badRequest(`Invalid field=${name.slice(0, 200)} passed in.`, 'field_name')
        return json({ field_name: name, field_value: redactTree(general[name] ?? null, name) })
      },
    }),
    defineRoute({
      ...common,
      paths: ['/config/yaml'],
      summary: 'The configuration as it is in force, secrets masked',
      answer: { description: 'The file', type: 'text/yaml' },
      handle: () => ({ type: 'text/yaml', body: stringify(redactTree(sections)) }),
    }),
    defineRoute({
      ...common,
      paths: ['/get/config/callbacks'],
      summary: 'Callbacks, alerts and the router’s settings, secrets masked',
      answer: { description: 'The settings', schema: z.looseObject({ status: z.string() }) },
      handle: () => {
        const settings = objectAt(sections, 'litellm_settings')
        const callbacks = (['success', 'failure'] as const).flatMap((type) =>
          listOf(settings[`${type}_callback`]).map((name) => ({ name, variables: {}, type })),
        )
        return json({
          status: 'success',
          callbacks: [
            ...callbacks,
            ...listOf(settings['callbacks']).map((name) => ({
              name,
              variables: {},
              type: 'success_and_failure',
            })),
          ],
          alerts: [],
          router_settings: redactTree(objectAt(sections, 'router_settings')),
          available_callbacks: {},
        })
      },
    }),
  ]
}

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'Boolean'
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float'
  if (Array.isArray(value)) return 'List'
  return typeof value === 'object' && value !== null ? 'Dictionary' : 'String'
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
