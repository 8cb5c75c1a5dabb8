import { describe, expect, it } from 'vitest'
import { renderBanner } from './banner.ts'
import type { BannerFacts, KeyPlace } from './banner.ts'

function banner(facts: Partial<BannerFacts>): string[] {
  return renderBanner({
    version: '1.2.3',
    url: 'http://127.0.0.1:4000',
    isPublic: false,
    key: { type: 'none' },
    configPath: undefined,
    models: ['demo'],
    exampleModel: 'demo',
    ...facts,
  }).split('\n')
}

describe('renderBanner', () => {
  it('says everything in six lines', () => {
    expect(banner({ key: { type: 'kept', path: '/data/admin-key', fresh: 'sk-1' } })).toEqual([
      'Switchyard 1.2.3 listens on http://127.0.0.1:4000',
      '  key     sk-1 (new, shown only now; kept in /data/admin-key)',
      `  try     curl http://127.0.0.1:4000/v1/chat/completions -H "Authorization: Bearer $(cat /data/admin-key)" -H 'Content-Type: application/json' -d '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'`,
      '  config  no file: set OPENAI_API_KEY, ANTHROPIC_API_KEY … for their models, or pass --config config.yaml (model_list, as LiteLLM writes it)',
      '  models  1: demo',
      '  docs    http://127.0.0.1:4000/docs',
      '',
    ])
  })

  it.each<[key: KeyPlace, said: RegExp, sent: RegExp]>([
    [
      { type: 'kept', path: '/data/admin-key' },
      /^ {2}key {5}in \/data\/admin-key$/,
      /Bearer \$\(cat \/data\/admin-key\)"/,
    ],
    [{ type: 'kept', path: '/my data/key' }, /in \/my data\/key$/, /Bearer \$\(cat '\/my data\/key'\)"/],
    [{ type: 'variable', name: 'TEAM_KEY' }, /the value of TEAM_KEY$/, /Bearer \$TEAM_KEY"/],
    [
      { type: 'configuration', place: 'config.yaml:9' },
      /config\.yaml:9; .* \$MASTER_KEY$/,
      /Bearer \$MASTER_KEY"/,
    ],
    [{ type: 'none' }, /whoever reaches the server is its administrator/, /completions -H 'Content-Type/],
  ])('%o', (key, said, sent) => {
    const lines = banner({ key })
    expect(lines[1]).toMatch(said)
    expect(lines[2]).toMatch(sent)
  })

  it('keeps a model name with a quote inside of the shell word', () => {
    expect(banner({ exampleModel: "bob's" })[2]).toContain(String.raw`"model":"bob'\''s"`)
  })

  it.each<[models: string[], line: string]>([
    [[], '  models  none yet: add a model_list to the configuration'],
    [['a', 'b'], '  models  2: a, b'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], '  models  8: a, b, c, d, e, f and 2 more'],
  ])('models %o', (models, line) => {
    expect(banner({ models })[4]).toBe(line)
  })

  it.each<[facts: Partial<BannerFacts>, line: number, text: string]>([
    [{ configPath: '/etc/config.yaml' }, 3, '  config  /etc/config.yaml'],
    [
      { onlyModel: 'ollama/llama3' },
      3,
      '  config  no file: --model ollama/llama3 answers whatever model is asked for',
    ],
    [{ isPublic: true }, 0, 'Switchyard 1.2.3 listens on http://127.0.0.1:4000, and for other machines'],
  ])('%o', (facts, line, text) => {
    expect(banner(facts)[line]).toBe(text)
  })
})
