import { expect, test } from 'vitest'
import { encodeUpload } from './upload.ts'

const file = { bytes: new Uint8Array([0, 13, 10, 45, 45]), name: 'a.mp3', mediaType: 'audio/mpeg' }

async function read(upload: Parameters<typeof encodeUpload>[0]): Promise<[string, unknown][]> {
  const { bytes, contentType } = encodeUpload(upload, () => '7')
  const body = new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
  const parts = [...(await body.formData()).entries()]
  return Promise.all(
    parts.map(async ([name, value]): Promise<[string, unknown]> => [
      name,
      typeof value === 'string' ? value : [value.name, value.type, await value.bytes()],
    ]),
  )
}

test('a form has its fields, and the file last', async () => {
  const fields = {
    text: 'żółw "x"',
    number: 0.5,
    flag: true,
    none: null,
    list: ['a', 1],
    object: { a: 'b', c: 2 },
  }
  expect(await read({ type: 'form', fields, file })).toEqual([
    ['text', 'żółw "x"'],
    ['number', '0.5'],
    ['flag', 'true'],
    ['list[]', 'a'],
    ['list[]', '1'],
    ['object[a]', 'b'],
    ['object[c]', '2'],
    ['file', ['a.mp3', 'audio/mpeg', file.bytes]],
  ])
})

test('no name can end itself, or begin a part', async () => {
  const name = 'x"\r\n\r\n--switchyard-7\r\n'
  const parts = await read({ type: 'form', fields: { [name]: 'v' }, file: { ...file, name } })
  expect(parts).toEqual([
    [name, 'v'],
    ['file', [name, 'audio/mpeg', file.bytes]],
  ])
})

test('bytes are what they are', () => {
  expect(encodeUpload({ type: 'bytes', file }, () => '7')).toEqual({
    bytes: file.bytes,
    contentType: 'audio/mpeg',
  })
})
