import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

const known = ['api_key', 'api_base', 'model_name', 'drop_params', 'num_retries', 'rpm', 'tpm', 'weight']

describe('nearest', () => {
  it.each([
    ['apikey', 'api_key'],
    ['apiBase', 'api_base'],
    ['api-base', 'api_base'],
    ['num_retires', 'num_retries'],
    ['drop_param', 'drop_params'],
    ['modelname', 'model_name'],
    ['wieght', 'weight'],
    ['temperature', undefined],
    ['xyz', undefined],
    ['', undefined],
  ])('%s means %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })
})

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['a', '', 1],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['abc', 'abc', 0],
  ])('%s to %s takes %i', (left, right, expected) => {
    expect(editDistance(left, right)).toBe(expected)
  })
})
