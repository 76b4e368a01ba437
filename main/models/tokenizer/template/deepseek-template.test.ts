import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChatMessage, ToolDefinition } from '../../../shared/inference/inference.ts'
import { readTemplates } from '../read-tokenizer-files.ts'
import { compileChatTemplate } from './chat-template.ts'
import { deepSeekTemplate } from './deepseek-template.ts'

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string, more: Partial<ChatMessage> = {}): ChatMessage => ({ role: 'assistant', content, ...more })
const tool: ToolDefinition = { name: 'f', description: 'does', parameters: { type: 'object', properties: {} } }
const call = (id: string, argumentsJson: string) => ({ id, name: 'f', argumentsJson })
const result = (toolCallId: string, content: string): ChatMessage => ({ role: 'tool', toolCallId, content })
const THINKS = { enable_thinking: true, reasoning_effort: 'medium' }

function render(
  modelType: string,
  messages: readonly ChatMessage[],
  templateVariables: Readonly<Record<string, unknown>> = {},
  tools: readonly ToolDefinition[] = [],
) {
  return compileChatTemplate({ plain: deepSeekTemplate(modelType) ?? '', toolUse: null }, {})({ messages, tools, templateVariables })
}

const CHAT = [user('a'), assistant('b', { reasoning: 'r' }), user('c'), user('d')]
const CALLED = [
  user('a'),
  assistant('', { reasoning: 'r', toolCalls: [call('x', '{"p": "it\'s", "n": [1, {"k": null}]}'), call('y', '{}')] }),
  result('y', 'second'),
  result('x', 'first'),
  user('so?'),
]

/** The expected texts are those of the encoders that DeepSeek publishes with its models. */
describe('the templates of DeepSeek V3.2, V4 and V4.1', () => {
  it('write a chat without thoughts', () => {
    const turns = '<｜User｜>a<｜Assistant｜></think>b<｜end▁of▁sentence｜><｜User｜>c\n\nd<｜Assistant｜></think>'
    expect(render('deepseek_v4', CHAT).text).toBe(`<｜begin▁of▁sentence｜>${turns}`)
    expect(render('deepseek_v41', CHAT).text).toBe(`<｜begin▁of▁sentence｜>${turns}`)
  })

  it('leave out earlier thoughts, and state how much to think', () => {
    const turns = '<｜User｜>a<｜Assistant｜></think>b<｜end▁of▁sentence｜><｜User｜>c\n\nd<｜Assistant｜><think>'
    const effort = (budget: number): string =>
      `<｜System｜>Reasoning Effort: ${budget} (range 1-100, the higher the value, the more thorough the reasoning)\n\n`
    expect(render('deepseek_v4', CHAT, THINKS).text).toBe(`<｜begin▁of▁sentence｜>${turns}`)
    expect(render('deepseek_v4', CHAT, { ...THINKS, reasoning_effort: 'max' }).text).toContain('<｜begin▁of▁sentence｜>Reasoning Effort: A')
    expect(render('deepseek_v41', CHAT, THINKS).text).toBe(`<｜begin▁of▁sentence｜>${effort(50)}${turns}`)
    expect(render('deepseek_v41', CHAT, { ...THINKS, reasoning_effort: 'low' }).text).toContain(effort(25))
  })

  it('write later system messages as those of users in V4.1', () => {
    const chat: ChatMessage[] = [{ role: 'system', content: 's' }, user('a'), { role: 'system', content: 't' }]
    expect(render('deepseek_v41', chat).text).toBe('<｜begin▁of▁sentence｜><｜System｜>s<｜User｜>a<｜System｜>t<｜Assistant｜></think>')
    expect(render('deepseek_v4', chat.slice(0, 2)).text).toBe('<｜begin▁of▁sentence｜>s<｜User｜>a<｜Assistant｜></think>')
  })

  it.each([
    ['deepseek_v4', 'tool_calls', ''],
    ['deepseek_v41', ' calls', ' '],
  ])('write tools, calls, and their results in the order of the calls: %s', (modelType, section, space) => {
    const { text, callForm } = render(modelType, CALLED, THINKS, [tool])
    expect(callForm).toBe(modelType === 'deepseek_v4' ? 'deepseek-v4' : 'deepseek-v4.1')
    expect(text).toContain(
      `can invoke tools by writing a "<｜DSML｜${section}>" block like the following:\n\n` +
        `<｜DSML｜${section}>\n<｜DSML｜${space}invoke name="$TOOL`,
    )
    expect(text).toContain(
      'Schemas\n\n{"name": "f", "description": "does", "parameters": {"type": "object", "properties": {}}}\n\nYou MUST strictly follow',
    )
    expect(text.slice(text.indexOf('<｜User｜>'))).toBe(
      `<｜User｜>a<｜Assistant｜><think>r</think>\n\n<｜DSML｜${section}>\n<｜DSML｜${space}invoke name="f">\n` +
        `<｜DSML｜${space}parameter name="p" string="true">it's</｜DSML｜${space}parameter>\n` +
        `<｜DSML｜${space}parameter name="n" string="false">[1, {"k": null}]</｜DSML｜${space}parameter>\n</｜DSML｜${space}invoke>\n` +
        `<｜DSML｜${space}invoke name="f">\n\n</｜DSML｜${space}invoke>\n</｜DSML｜${section}><｜end▁of▁sentence｜>` +
        '<｜User｜><tool_result>first</tool_result>\n\n<tool_result>second</tool_result>\n\nso?<｜Assistant｜><think>',
    )
  })

  it('write a chat of V3.2, in which each message of a user opens a turn', () => {
    const turns = '<｜User｜>a<｜Assistant｜></think>b<｜end▁of▁sentence｜><｜User｜>c<｜Assistant｜></think><｜User｜>d<｜Assistant｜>'
    expect(render('deepseek_v32', CHAT).text).toBe(`<｜begin▁of▁sentence｜>${turns}</think>`)
    expect(render('deepseek_v32', CHAT, THINKS).text).toBe(`<｜begin▁of▁sentence｜>${turns}<think>`)
    const system: ChatMessage = { role: 'system', content: 's' }
    expect(render('deepseek_v32', [system, user('a')]).text).toBe('<｜begin▁of▁sentence｜>s<｜User｜>a<｜Assistant｜></think>')
  })

  it('write the tools, calls and results of V3.2 around the schemas', () => {
    const chat = CALLED.slice(0, -1)
    const { text, callForm } = render('deepseek_v32', chat, THINKS, [tool])
    expect(callForm).toBe('deepseek-v3.2')
    expect(text).toMatch(/^<｜begin▁of▁sentence｜>\n\n## Tools\nYou have access/)
    expect(text).toContain(
      '<think>...thinking about results</think>\nHere are the functions available in JSONSchema format:\n<functions>\n' +
        '{"name": "f", "description": "does", "parameters": {"type": "object", "properties": {}}}\n</functions>\n<｜User｜>',
    )
    const calls =
      '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n' +
      '<｜DSML｜parameter name="p" string="true">it\'s</｜DSML｜parameter>\n' +
      '<｜DSML｜parameter name="n" string="false">[1, {"k": null}]</｜DSML｜parameter>\n</｜DSML｜invoke>\n' +
      '<｜DSML｜invoke name="f">\n\n</｜DSML｜invoke>\n</｜DSML｜function_calls><｜end▁of▁sentence｜>' +
      '\n\n<function_results>\n<result>second</result>\n<result>first</result>\n</function_results>\n\n'
    expect(text.slice(text.indexOf('<｜User｜>'))).toBe(`<｜User｜>a<｜Assistant｜><think>r</think>${calls}<think>`)
    const later = render('deepseek_v32', CALLED, {}, [tool]).text
    expect(later.slice(later.indexOf('<｜User｜>'))).toBe(
      `<｜User｜>a<｜Assistant｜></think>${calls}</think><｜User｜>so?<｜Assistant｜></think>`,
    )
  })

  it('are those of a folder that has none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exo-template-'))
    await writeFile(join(folder, 'config.json'), '{"model_type": "deepseek_v41"}')
    expect((await readTemplates(folder, undefined))?.plain).toBe(deepSeekTemplate('deepseek_v41'))
    expect((await readTemplates(folder, 'own'))?.plain).toBe('own')
    await writeFile(join(folder, 'config.json'), '{"model_type": "llama"}')
    expect(await readTemplates(folder, undefined)).toBeNull()
    await rm(folder, { recursive: true })
  })
})
