import { describe, expect, it } from 'vitest'
import { firstOf, missOf } from './auto.ts'
import type { AutoFacts, AutoMiss, AutoRule } from './auto.ts'
import { readRules } from './read-rules.ts'

const facts: AutoFacts = {
  inputTokens: () => 500,
  needs: () => ['function_calling'],
  tags: ['batch'],
  costOf: (model) => (model === 'unpriced' ? undefined : model === 'dear' ? 100n : 10n),
  hindrance: (model) => (model === 'down' ? 'nobody serves it' : undefined),
}

describe('missOf', () => {
  it.each<[name: string, rule: Partial<AutoRule>, why: AutoMiss['why'] | undefined]>([
    ['no conditions', {}, undefined],
    ['its least length', { minInputTokens: 500 }, undefined],
    ['too short', { minInputTokens: 501 }, 'too_short'],
    ['its greatest length', { maxInputTokens: 500 }, undefined],
    ['too long', { maxInputTokens: 499 }, 'too_long'],
    ['what it uses', { needs: ['function_calling'] }, undefined],
    ['not all that is asked for', { needs: ['function_calling', 'vision'] }, 'needs_not'],
    ['nothing unwanted', { without: ['vision'] }, undefined],
    ['something unwanted', { without: ['vision', 'function_calling'] }, 'needs_more'],
    ['one of the tags', { tags: ['other', 'batch'] }, undefined],
    ['none of the tags', { tags: ['other'] }, 'other_tags'],
    ['its greatest cost', { maxCostPicoUsd: 10n }, undefined],
    ['too dear', { maxCostPicoUsd: 99n, model: 'dear' }, 'too_dear'],
    ['a cost that nobody knows', { maxCostPicoUsd: 99n, model: 'unpriced' }, 'too_dear'],
    ['a model that cannot answer', { model: 'down' }, 'unavailable'],
    ['the first reason', { model: 'down', tags: ['other'] }, 'other_tags'],
  ])('%s', (_, rule, why) => {
    expect(missOf({ model: 'm', ...rule }, facts)?.why).toBe(why)
  })
})

describe('firstOf', () => {
  it('gives the models in the order of the rules, each once, and why not the others', () => {
    const rules = [
      { model: 'down' },
      { model: 'a' },
      { model: 'b', tags: ['other'] },
      { model: 'c' },
      { model: 'a' },
    ]
    expect(firstOf(rules, facts)).toEqual({
      models: ['a', 'c'],
      passed: [
        { model: 'down', why: 'unavailable', detail: 'nobody serves it' },
        { model: 'b', why: 'other_tags', detail: 'other' },
      ],
    })
  })
})

describe('auto_groups', () => {
  it('are read', () => {
    const when = { min_input_tokens: 1, max_input_tokens: 2, max_cost: 0.01, needs: ['tools'], without: ['json_schema'], tags: ['a'] } // prettier-ignore
    const { autoGroups } = readRules({ auto_groups: { auto: [{ model: 'm', when }, { model: 'n' }] } })
    expect(autoGroups.get('auto')).toEqual([
      {
        model: 'm',
        minInputTokens: 1,
        maxInputTokens: 2,
        maxCostPicoUsd: 10_000_000_000n,
        needs: ['function_calling'],
        without: ['response_schema'],
        tags: ['a'],
      },
      { model: 'n' },
    ])
  })

  it.each<[written: unknown, message: RegExp]>([
    [{ auto: [] }, /auto_groups\.auto'.*a list of rules/],
    [{ auto: [{ when: {} }] }, /auto\[0\]\.model/],
    [{ auto: [{ model: 'm', when: { cost: 1 } }] }, /auto\[0\]\.when\.cost'.*min_input_tokens/],
    [{ auto: [{ model: 'm', when: { needs: ['wings'] } }] }, /when\.needs'.*tools/],
    [{ auto: [{ model: 'm', when: { tags: 'a' } }] }, /when\.tags'.*list/],
    [{ auto: [{ model: 'm', when: { max_cost: -1 } }] }, /max_cost'.*USD/],
    [{ a: [{ model: 'b' }], b: [{ model: 'm' }] }, /no auto groups themselves/],
  ])('%j is refused', (written, message) => {
    expect(() => readRules({ auto_groups: written as never })).toThrow(message)
  })
})
