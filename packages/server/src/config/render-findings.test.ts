import { describe, expect, it } from 'vitest'
import type { Finding } from './findings.ts'
import { exitCodeFor, renderFindings } from './render-findings.ts'

const finding = (level: Finding['level'], line: number, path: string, fix?: string): Finding => ({
  level,
  file: 'config.yaml',
  line,
  column: 7,
  path,
  message: 'is wrong',
  fix,
})

describe('renderFindings', () => {
  it('writes the worst first, in reading order, and the sum', () => {
    const findings = [
      finding('info', 1, 'a'),
      finding('warning', 9, 'b'),
      finding('error', 12, 'model_list[0].litellm_params.model', 'put it right'),
      finding('warning', 2, 'c'),
      finding('error', 3, ''),
    ]
    expect(renderFindings(findings)).toBe(
      [
        'config.yaml:3:7 error: is wrong',
        'config.yaml:12:7 error model_list[0].litellm_params.model: is wrong — put it right',
        'config.yaml:2:7 warning c: is wrong',
        'config.yaml:9:7 warning b: is wrong',
        'config.yaml:1:7 info a: is wrong',
        '2 errors, 2 warnings, 1 note',
      ].join('\n'),
    )
  })

  it('has nothing to say about nothing', () => {
    expect(renderFindings([])).toBe('')
  })
})

describe('exitCodeFor', () => {
  it.each([
    [[], 0],
    [[finding('warning', 1, 'a'), finding('info', 1, 'a')], 0],
    [[finding('warning', 1, 'a'), finding('error', 1, 'a')], 78],
  ])('%#', (findings, expected) => {
    expect(exitCodeFor({ findings })).toBe(expected)
  })
})
