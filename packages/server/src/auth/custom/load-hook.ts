import { pathToFileURL } from 'node:url'
import type { CustomAuth } from './custom-auth.ts'

/**
 * Loads the function that `custom_auth` names. Only the configuration's file names it: it is code.
 *
 * @throws when there is no such file, or no such function in it.
 */
export async function loadHook({ path, name }: { path: string; name: string }): Promise<CustomAuth> {
  const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  const hook = module[name]
  if (typeof hook !== 'function')
    throw new TypeError(
      `custom_auth: ${path} exports no function ${name}. Write: export async function ${name}(request) { … }`,
    )
  return hook as CustomAuth
}
