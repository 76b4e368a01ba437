import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelCapabilities } from './model-capabilities.ts'

const PLAIN = '{% for message in messages %}{{ message.content }}{% endfor %}'
let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'capabilities-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

async function folder(name: string, files: Readonly<Record<string, unknown>>): Promise<string> {
  const modelDir = join(root, name)
  await mkdir(modelDir, { recursive: true })
  for (const [file, value] of Object.entries(files))
    await writeFile(join(modelDir, file), typeof value === 'string' ? value : JSON.stringify(value))
  return modelDir
}
const tokens = (...contents: readonly string[]): unknown => ({
  model: { vocab: {} },
  added_tokens: contents.map((content, id) => ({ id, content })),
})

describe('what can be asked of a model', () => {
  it.each<[name: string, files: Readonly<Record<string, unknown>>, expected: readonly string[]]>([
    [
      'a template without tools has them in words',
      { 'tokenizer.json': tokens(), 'tokenizer_config.json': { chat_template: PLAIN } },
      ['completion', 'tools'],
    ],
    [
      'a template that writes thoughts',
      { 'tokenizer.json': tokens(), 'chat_template.jinja': `${PLAIN}<think>` },
      ['completion', 'tools', 'thinking'],
    ],
    [
      'one among several',
      {
        'tokenizer.json': tokens(),
        'tokenizer_config.json': {
          chat_template: [
            { name: 'default', template: `${PLAIN}{{ enable_thinking }}` },
            { name: 'tool_use', template: PLAIN },
          ],
        },
      },
      ['completion', 'tools', 'thinking'],
    ],
    ['no template, but the tokens of one', { 'tokenizer.json': tokens('<|im_start|>', '<|im_end|>') }, ['completion', 'tools']],
    ['no template at all', { 'tokenizer.json': tokens('<s>') }, ['completion']],
    ['tokens for filling in', { 'tokenizer.json': tokens('<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>') }, ['completion', 'insert']],
    ['some of them only', { 'tokenizer.json': tokens('<|fim_prefix|>', '<|fim_suffix|>') }, ['completion']],
    ['no tokenizer', {}, ['completion']],
  ])('%s', async (name, files, expected) => {
    expect(await new ModelCapabilities().of(await folder(name, files))).toEqual(expected)
  })

  it('is read again when the files have changed', async () => {
    const capabilities = new ModelCapabilities()
    const modelDir = await folder('changing', { 'tokenizer.json': tokens() })
    expect(await capabilities.of(modelDir)).toEqual(['completion'])
    await folder('changing', { 'chat_template.jinja': PLAIN })
    expect(await capabilities.of(modelDir)).toEqual(['completion', 'tools'])
  })
})
