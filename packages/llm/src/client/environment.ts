/** Reads one variable of the process; `undefined` where there is no process (browsers, workers) or it is empty. */
export type Environment = (name: string) => string | undefined

export const processEnvironment: Environment = (name) => {
  const value = globalThis.process?.env?.[name]
  return value === '' ? undefined : value
}
