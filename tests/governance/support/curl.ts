/** A call as people write it for a shell. */
export interface CurlCall {
  method: string
  url: string
  headers: Record<string, string>
  body: string | undefined
}

/** Reads a `curl` command: its address, `-X`, `-H` and `-d`, with quotes and lines that go on. */
export function readCurl(command: string): CurlCall {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|([^\s\\'"]+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )
  const call: CurlCall = { method: '', url: '', headers: {}, body: undefined }
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (!word.startsWith('-')) {
      call.url = word
      continue
    }
    const value = words[(index += 1)] ?? ''
    if (word === '-X') call.method = value
    else if (word === '-d') call.body = value
    else if (word === '-H')
      call.headers[value.slice(0, value.indexOf(':'))] = value.slice(value.indexOf(':') + 1).trim()
    else throw new Error(`curl ${word} is not read here`)
  }
  if (call.method === '') call.method = call.body === undefined ? 'GET' : 'POST'
  return call
}
