const secretName =
  /(^|_)(key|keys|token|secret|secrets|password|passwd|passphrase|credential|credentials|authorization|license|dsn|salt|cookie)($|_)|apikey|webhook|private_key|connection_string/i
const publicName =
  /token_(cost|rate)|_cost|cost_|max_.*tokens|per_token|tokens$|header_name|key_name|_alias|_type|_format|_permissions|_settings$|_params$|_limit$|_validation$|_scope$|credential_name/i
const namesSecrets = new Set(['environment_variables', 'extra_headers', 'headers', 'credential_values'])

/** Whether a setting of this name holds something that must not be printed. */
export function isSecretName(name: string): boolean {
  const spelled = name.replaceAll('-', '_').replace(/([a-z])([A-Z])/g, '$1_$2')
  return secretName.test(spelled) && !publicName.test(spelled)
}

/** Whether everything below a setting of this name must not be printed (headers, variables). */
function holdsSecrets(name: string): boolean {
  return namesSecrets.has(name)
}

/** The same text with the user part of any address hidden: `postgresql://[redacted]@host/db`. */
export function hideAddressCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+(:[^\s@]*)?@/gi, '$1[redacted]@')
}

/**
 * A printable copy: secrets by name, values under headers and variables, and passwords in addresses are replaced
 * by `[redacted]`. References such as `os.environ/NAME` are names, not secrets, and stay readable.
 */
export function redactTree(value: unknown, name = '', hideAll = false): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value
  if (typeof value === 'string' && value.startsWith('os.environ/')) return value
  if (Array.isArray(value)) return value.map((item) => redactTree(item, name, hideAll))
  if (typeof value === 'object') {
    const hideBelow = hideAll || holdsSecrets(name) || (isSecretName(name) && name !== '')
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, redactTree(child, key, hideBelow)]),
    )
  }
  if (hideAll || isSecretName(name)) return '[redacted]'
  return typeof value === 'string' ? hideAddressCredentials(value) : value
}

const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * The same record, which shows itself without its secrets when it is logged or put into JSON. Reading a value
 * gives the real one. `name` is the setting that it came from. Not for what goes on a wire as JSON.
 */
export function printRedacted<T extends object>(record: T, name: string): T {
  Object.defineProperty(record, 'toJSON', { value: () => redactTree({ ...record }, name) })
  return inspectRedacted(record, name)
}

/** The same record, which hides its secrets when it is inspected (`console.log`); its JSON is the real one. */
export function inspectRedacted<T extends object>(record: T, name: string): T {
  return Object.defineProperty(record, inspect, { value: () => redactTree({ ...record }, name) })
}
