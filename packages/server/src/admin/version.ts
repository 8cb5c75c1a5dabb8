import { versionConflict } from './refusals.ts'

/** @throws 409 when a client says which version it changes (`If-Match`), and it is not the one that is there. */
export function checkVersion(
  row: { readonly id: string; readonly version: number },
  ifMatch: string | undefined,
): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== String(row.version)) throw versionConflict('It')
}
