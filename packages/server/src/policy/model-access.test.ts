import { expect, test } from 'vitest'
import { denyingList, modelDenied } from './model-access.ts'
import type { AllowedModels, AskedModel } from './model-access.ts'

const gpt: AskedModel = { name: 'gpt-4o', provider: 'openai', accessGroups: ['beta'], targets: ['fast'] }

test.each<[string, string[], AskedModel, boolean]>([
  ['an empty list allows everything', [], gpt, true],
  ['a star allows everything', ['*'], gpt, true],
  ['all-proxy-models allows everything', ['all-proxy-models'], gpt, true],
  ['the exact name', ['claude', 'gpt-4o'], gpt, true],
  ['another name', ['gpt-4o-mini'], gpt, false],
  ['a group of one of its deployments', ['beta'], gpt, true],
  ['a group that it is not in', ['alpha'], gpt, false],
  ['what an alias leads to', ['fast'], gpt, true],
  ['a pattern of its provider, for a bare name', ['openai/*'], gpt, true],
  ['a pattern of its provider, for a full name', ['openai/*'], { name: 'openai/gpt-4o' }, true],
  ['a pattern of another provider', ['anthropic/*'], gpt, false],
  ['a pattern within the name', ['gpt-*'], gpt, true],
  ['a pattern is no expression', ['gpt.4o*'], gpt, false],
  ['a pattern is for the whole name', ['pt-*'], gpt, false],
  ['a pattern for what an alias leads to', ['fa*'], gpt, true],
  ['no-default-models allows nothing', ['no-default-models'], gpt, false],
  ['no-default-models takes nothing away', ['no-default-models', 'gpt-4o'], gpt, true],
  ['all-team-models without a team allows nothing', ['all-team-models'], gpt, false],
])('%s', (_, models, asked, allowed) => {
  expect(denyingList([{ of: 'key', models }], asked) === undefined).toBe(allowed)
})

test.each<[string, AllowedModels[], AllowedModels['of'] | undefined]>([
  [
    'every list must allow',
    [
      { of: 'key', models: ['gpt-4o'] },
      { of: 'team', models: ['claude'] },
    ],
    'team',
  ],
  [
    'all-team-models defers',
    [
      { of: 'key', models: ['all-team-models'] },
      { of: 'team', models: ['gpt-4o'] },
    ],
    undefined,
  ],
  [
    'and the team says no',
    [
      { of: 'key', models: ['all-team-models'] },
      { of: 'team', models: ['claude'] },
    ],
    'team',
  ],
  ['no lists', [], undefined],
])('%s', (_, lists, denied) => {
  expect(denyingList(lists, gpt)?.of).toBe(denied)
})

test.each<[AllowedModels['of'], 'current' | 'legacy', string]>([
  ['key', 'current', '403 key_model_access_denied key not allowed to access model.'],
  ['team', 'current', '403 team_model_access_denied team not allowed to access model.'],
  ['user', 'current', '403 user_model_access_denied user not allowed to access model.'],
  ['org', 'current', '403 org_model_access_denied org not allowed to access model.'],
  ['team_member', 'current', '403 team_model_access_denied team member not allowed to access model.'],
  ['key', 'legacy', '401 key_model_access_denied key not allowed to access model.'],
])('what is said when the list of a %s denies (%s)', (of, statuses, start) => {
  const { status, type, message, param } = modelDenied({ of, models: ['a', 'b'] }, 'gpt-4o', statuses)
  expect(`${status} ${type} ${message}`).toContain(start)
  expect(message).toContain("can only access models=['a', 'b']. Tried to access gpt-4o")
  expect(param).toBe('model')
})
