import type { Finding, FindingLevel } from '../findings.ts'
import { displayKey } from '../document/display-key.ts'
import { appendStep } from '../document/path.ts'
import { isPlainObject, listAt } from '../document/tree.ts'
import type { Plain } from '../document/tree.ts'
import { nearest } from '../nearest.ts'
import { configKeys, settingsSections } from '../schema.ts'
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
  const findings = checkSection(root, '', configKeys)
  for (const [name, keys] of Object.entries(settingsSections)) {
    if (isPlainObject(root)) findings.push(...checkSection(root[name] ?? null, name, keys))
  }
  for (const [index, entry] of listAt(root, 'model_list').entries()) {
    const path = appendStep('model_list', index)
    findings.push(...checkSection(entry, path, modelEntryKeys))
    if (!isPlainObject(entry)) continue
    findings.push(...checkParams(entry['litellm_params'] ?? null, `${path}.litellm_params`))
    findings.push(...checkOpen(entry['model_info'] ?? null, `${path}.model_info`, modelInfoNames))
  }
  for (const [index, entry] of listAt(root, 'credential_list').entries()) {
    findings.push(...checkSection(entry, appendStep('credential_list', index), credentialKeys))
  }
  return findings
}

function checkSection(section: Plain, path: string, keys: SectionKeys): KeyFinding[] {
  if (!isPlainObject(section)) return []
  const active = new Set(keys.active)
  const accepted = new Set(keys.accepted)
  return Object.keys(section).flatMap((key) => {
    if (active.has(key)) return []
    if (accepted.has(key)) return [keyFinding('info', path, key, 'is accepted, but not active yet')]
    return [unknownKey(path, key, [...keys.active, ...keys.accepted])]
  })
}

function checkParams(section: Plain, path: string): KeyFinding[] {
  if (!isPlainObject(section)) return []
  const accepted = new Set(litellmParamsKeys.accepted)
  const waiting = Object.keys(section)
    .filter((key) => accepted.has(key))
    .map((key) => keyFinding('info', path, key, 'is accepted, but not active yet'))
  return [...waiting, ...checkOpen(section, path, nearParamNames)]
}

/** Where other keys are allowed, only a key close to a known one counts as a mistake. */
function checkOpen(section: Plain, path: string, names: readonly string[]): KeyFinding[] {
  if (!isPlainObject(section)) return []
  const known = new Set(names)
  return Object.keys(section).flatMap((key) => {
    if (known.has(key) || isPriceKey(key) || isCloudOption(key)) return []
    const mistaken = /[:\s]/.test(key) || nearest(key, names) !== undefined
    return mistaken ? [unknownKey(path, key, names)] : []
  })
}

function unknownKey(path: string, key: string, names: readonly string[]): KeyFinding {
  if (/^[\w-]+:/.test(key)) {
    return keyFinding('warning', path, key, 'is not a known setting', 'write a space after the colon')
  }
  const close = nearest(key, names)
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
