import type { Finding, FindingLevel } from '../findings.ts'
import { displayKey } from '../document/display-key.ts'
import { appendStep } from '../document/path.ts'
import { isPlainObject, listAt, objectAt } from '../document/tree.ts'
import type { Plain } from '../document/tree.ts'
import { createSuggester } from '../nearest.ts'
import type { Suggester } from '../nearest.ts'
import { configKeys, settingsSections } from '../schema.ts'
import { cacheParamsKeys } from '../schema/cache-params.ts'
import { isCloudOption, isPriceKey } from '../schema/key-kinds.ts'
import {
  credentialKeys,
  litellmParamsKeys,
  modelEntryKeys,
  modelInfoNames,
  nearParamNames,
} from '../schema/model-list.ts'
import type { SectionKeys } from '../schema/values.ts'

/** A finding whose place the loader fills in from `at`, the path of the key as it is in the file. */
export interface KeyFinding extends Pick<Finding, 'level' | 'path' | 'message' | 'fix'> {
  at: string
}

/** Keys that nobody knows, with the nearest known one, and known keys whose feature is not there yet. */
export function checkKnownKeys(root: Plain): KeyFinding[] {
  const entryNames = closedNames(modelEntryKeys)
  const paramNames = openNames(nearParamNames, litellmParamsKeys.accepted)
  const infoNames = openNames(modelInfoNames, [])
  const credentialNames = closedNames(credentialKeys)
  const findings = checkSection(root, '', closedNames(configKeys))
  for (const [name, keys] of Object.entries(settingsSections)) {
    findings.push(...checkSection(objectAt(root, name), name, closedNames(keys)))
  }
  const cacheParams = objectAt(objectAt(root, 'litellm_settings'), 'cache_params')
  findings.push(...checkSection(cacheParams, 'litellm_settings.cache_params', closedNames(cacheParamsKeys)))
  for (const [index, entry] of listAt(root, 'model_list').entries()) {
    const path = appendStep('model_list', index)
    findings.push(
      ...checkSection(entry, path, entryNames),
      ...checkSection(objectAt(entry, 'litellm_params'), `${path}.litellm_params`, paramNames),
      ...checkSection(objectAt(entry, 'model_info'), `${path}.model_info`, infoNames),
    )
  }
  for (const [index, entry] of listAt(root, 'credential_list').entries()) {
    findings.push(...checkSection(entry, appendStep('credential_list', index), credentialNames))
  }
  return findings
}

interface Names {
  known: ReadonlySet<string>
  accepted: ReadonlySet<string>
  /** Other keys are allowed: only a key close to a known one counts as a mistake. */
  open: boolean
  suggest: Suggester
  /** For prices and cloud settings, whose true names differ by a few letters. */
  suggestStrictly: Suggester
}

function closedNames(keys: SectionKeys): Names {
  return { ...openNames([...keys.active, ...keys.accepted], keys.accepted), open: false }
}

function openNames(names: readonly string[], accepted: readonly string[]): Names {
  const suggest = createSuggester(names)
  const suggestStrictly = createSuggester(names, 1)
  return { known: new Set(names), accepted: new Set(accepted), open: true, suggest, suggestStrictly }
}

function checkSection(section: Plain, path: string, names: Names): KeyFinding[] {
  if (!isPlainObject(section)) return []
  return Object.keys(section).flatMap((key) => {
    if (names.accepted.has(key)) return [keyFinding('info', path, key, 'is accepted, but not active yet')]
    if (names.known.has(key)) return []
    const suggest = isPriceKey(key) || isCloudOption(key) ? names.suggestStrictly : names.suggest
    const close = suggest(key)
    const mistaken = !names.open || close !== undefined || /[:\s]/.test(key)
    return mistaken ? [unknownKey(path, key, close)] : []
  })
}

function unknownKey(path: string, key: string, close: string | undefined): KeyFinding {
  if (/^[\w-]+:/.test(key)) {
    return keyFinding('warning', path, key, 'is not a known setting', 'write a space after the colon')
  }
  const fix = close === undefined ? undefined : `did you mean ${close}?`
  return keyFinding('warning', path, key, 'is not a known setting', fix)
}

function keyFinding(
  level: FindingLevel,
  path: string,
  key: string,
  message: string,
  fix?: string,
): KeyFinding {
  return { level, path: appendStep(path, displayKey(key)), at: appendStep(path, key), message, fix }
}
