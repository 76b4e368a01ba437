import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { connectTools } from '../../shared/connect/connect-tools.ts'
import type { PermanentSettings } from '../../shared/connect/connect-tool.ts'
import { mergeSettings } from './merge-settings.ts'

const target = { root: 'http://127.0.0.1:8080', key: 'unused', model: 'org/"tiny"', contextTokens: 32_768 }
const settingsOf = (id: string): PermanentSettings =>
  connectTools.find((tool) => tool.id === id)?.permanent ?? expect.fail(`no settings of ${id}`)

describe('settings for a tool', () => {
  it('join a JSON file and leave the rest of it', () => {
    const text = JSON.stringify({ theme: 'dark', env: { OWN: '1', ANTHROPIC_MODEL: 'before' } })
    expect(JSON.parse(mergeSettings(text, settingsOf('claude'), target))).toEqual({
      theme: 'dark',
      env: {
        OWN: '1',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:8080',
        ANTHROPIC_AUTH_TOKEN: 'unused',
        ANTHROPIC_MODEL: 'org/"tiny"',
        ANTHROPIC_SMALL_FAST_MODEL: 'org/"tiny"',
      },
    })
  })
  it('join a YAML file, whose comments and other models stay', () => {
    const text = '# mine\nname: own\nversion: 1.0.0\nschema: v1\nmodels:\n  - name: other # kept\n    provider: openai\n'
    const merged = mergeSettings(text, settingsOf('continue'), target)
    expect(merged).toContain('# mine')
    expect(parse(merged).models.map(({ name }: { name: string }) => name)).toEqual(['other', 'exo'])
    const again = mergeSettings(merged, settingsOf('continue'), { ...target, model: 'org/next' })
    expect(parse(again).models.map(({ model }: { model?: string }) => model)).toEqual([undefined, 'org/next'])
  })
  it('are lines of their own in other files, replaced the next time', () => {
    const once = mergeSettings('model = "gpt"\n', settingsOf('codex'), target)
    expect(once).toContain('model = "gpt"\n\n# exo: begin\n[model_providers.exo]')
    expect(once).toContain(String.raw`model = "org/\"tiny\""`)
    const twice = mergeSettings(`${once}[other]\n`, settingsOf('codex'), { ...target, model: 'org/next' })
    expect([twice.match(/exo: begin/g)?.length, twice.includes('tiny'), twice.endsWith('[other]\n')]).toEqual([1, false, true])
  })
  it.each([
    ['JSON with comments', 'claude', '// mine\n{}'],
    ['a list', 'claude', '[]'],
    ['broken YAML', 'aider', 'a: [1\nb: }'],
  ])('refuse %s', (_, id, text) => {
    expect(() => mergeSettings(text, settingsOf(id), target)).toThrow(expect.objectContaining({ code: 'tool-settings-unreadable' }))
  })
  it.each(connectTools.filter(({ permanent }) => permanent !== null).map(({ id }) => id))('of %s change nothing the second time', (id) => {
    const once = mergeSettings('', settingsOf(id), target)
    expect(mergeSettings(once, settingsOf(id), target)).toBe(once)
    expect(once).not.toMatch(/\{(root|base|key|model|context|file|folder)\}/)
  })
})
