import { describe, expect, test } from 'vitest'
import { readForm } from './read-form.ts'

async function encoded(fill: (form: FormData) => void): Promise<{ bytes: Buffer; type: string }> {
  const form = new FormData()
  fill(form)
  const response = new Response(form)
  return {
    bytes: Buffer.from(await response.arrayBuffer()),
    type: response.headers.get('content-type') ?? '',
  }
}

describe('a form', () => {
  test('is its fields in their order, and its file', async () => {
    const content = Buffer.from([0, 13, 10, 45, 45, 255])
    const { bytes, type } = await encoded((form) => {
      form.append('b', 'żółw')
      form.append('a', '')
      form.append('file', new File([content], 'ą.mp3', { type: 'audio/mpeg' }))
      form.append('b', '2')
    })
    expect(await readForm(bytes, type)).toEqual({
      fields: [
        ['b', 'żółw'],
        ['a', ''],
        ['b', '2'],
      ],
      file: { field: 'file', name: 'ą.mp3', mediaType: 'audio/mpeg', bytes: content },
    })
  })

  test('may be large, and is whole', async () => {
    const content = Buffer.alloc(3_000_000, '\r\n--')
    const { bytes, type } = await encoded((form) => form.append('file', new File([content], 'x')))
    expect((await readForm(bytes, type)).file?.bytes.equals(content)).toBe(true)
  })

  test('has a file without the folders of whoever sends it', async () => {
    const { bytes, type } = await encoded((form) => form.append('file', new File(['x'], '../../etc/passwd')))
    expect((await readForm(bytes, type)).file?.name).toBe('passwd')
  })
})

describe('refused as', () => {
  const type = 'multipart/form-data; boundary=x'
  const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
  test.each([
    ['invalid_body', 'no form', type, 'no form'],
    ['invalid_body', 'nothing', type, ''],
    ['invalid_body', 'a cut head', type, '--x\r\ncontent-disposition: form-data; name="fi'],
    ['invalid_body', 'a cut file', type, `${head}the first half`],
    ['invalid_body', 'no boundary', 'multipart/form-data', `${head}x\r\n--x--`],
    ['limit_exceeded', 'two files', type, `${head}1\r\n${head}2\r\n--x--`],
    [
      'limit_exceeded',
      'many parts',
      type,
      `${'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(200)}--x--`,
    ],
    [
      'limit_exceeded',
      'a long field',
      type,
      `--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n${'1'.repeat(1_100_000)}\r\n--x--`,
    ],
  ])('%s: %s', async (code, _name, contentType, body) => {
    await expect(readForm(Buffer.from(body), contentType)).rejects.toMatchObject({ code })
  })
})
