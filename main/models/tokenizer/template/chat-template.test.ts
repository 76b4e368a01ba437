import { describe, expect, it } from 'vitest'
import type { ChatMessage, ToolDefinition } from '../../../shared/inference/inference.ts'
import { compileChatTemplate } from './chat-template.ts'

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string, more: Partial<ChatMessage> = {}): ChatMessage => ({ role: 'assistant', content, ...more })
const system = (content: string): ChatMessage => ({ role: 'system', content })
const tool: ToolDefinition = { name: 'f', description: 'does', parameters: { type: 'object', properties: {} } }
const EACH = '{% for m in messages %}[{{ m.role }}:{{ m.content }}]{% endfor %}'
/** As in the templates of Mistral and Gemma. */
const STRICT =
  "{% set loop_messages = messages %}{% if messages[0].role == 'system' %}{% set loop_messages = " +
  'messages[1:] %}{% set head = messages[0].content %}{% endif %}{% for m in loop_messages %}{% if ' +
  "(m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate " +
  "user/assistant/user/assistant/...') }}{% endif %}[{{ m.role }}:{% if loop.first and head is defined " +
  '%}{{ head }}/{% endif %}{{ m.content }}]{% endfor %}'
const NO_SYSTEM = `{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${STRICT}`

function render(
  template: string,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
  toolUse: string | null = null,
): string {
  return compileChatTemplate({ plain: template, toolUse }, { bos_token: '<s>' })({ messages, tools, templateVariables: {} }).text
}

describe('chat templates', () => {
  it('B01: the one for tools is used with tools', () => {
    const toolUse = `TOOLS {{ tools | tojson }} ${EACH}`
    expect(render(EACH, [user('x')], [tool], toolUse)).toMatch(/^TOOLS .*"name": "f".*\[user:x\]$/)
    expect(render(EACH, [user('x')], [], toolUse)).toBe('[user:x]')
  })

  it('B03: arguments that are empty, or no object, still have names to walk through', () => {
    const template =
      '{% for m in messages %}{% for c in m.tool_calls or [] %}{% for k, v in c.function.arguments.items() ' +
      '%}{{ k }}={{ v }};{% endfor %}.{% endfor %}{% endfor %}{{ tools | tojson }}'
    for (const [given, written] of [
      ['', '.'],
      ['null', '.'],
      ['{"a": 1.0}', 'a=1.0;.'],
      ['[1]', 'raw=[1];.'],
      ['half {', 'raw=half {;.'],
    ] as const) {
      expect(
        render(template, [user('x'), assistant('', { toolCalls: [{ id: 'c', name: 'f', argumentsJson: given }] })], [tool]),
        given,
      ).toMatch(new RegExp(`^${written.replaceAll(/[[\]{.]/g, String.raw`\$&`)}\\[`))
    }
  })

  it('B03: where a template joins arguments as text, they are text', () => {
    const template =
      "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ '<call>' + c.function.name + " +
      'c.function.arguments }}{% endfor %}{% endfor %}{{ tools }}'
    const called = (argumentsJson: string): string =>
      render(template, [user('x'), assistant('', { toolCalls: [{ id: 'c', name: 'f', argumentsJson }] })])
    expect(called('{"a": 1}')).toContain('<call>f{"a": 1}')
    expect(called('')).toContain('<call>f{}')
  })

  it('B04: words of the system anywhere reach a strict template, in order', () => {
    expect(render(STRICT, [system('a'), user('b'), assistant('c'), system('d'), user('e')])).toBe('[user:a\n\nd/b][assistant:c][user:e]')
    expect(render(STRICT, [system('a'), system('b'), user('c')])).toBe('[user:a\n\nb/c]')
    expect(render(NO_SYSTEM, [system('a'), user('b'), assistant('c'), user('d')])).toBe('[user:a\n\nb][assistant:c][user:d]')
    expect(render(NO_SYSTEM, [system('a')])).toBe('[user:a]')
  })

  it('B04: words that a template would leave out in silence are gathered or folded', () => {
    const firstOnly =
      "{% if messages[0].role == 'system' %}<{{ messages[0].content }}>{% endif %}{% for m in messages if " +
      "m.role != 'system' %}[{{ m.content }}]{% endfor %}"
    expect(render(firstOnly, [system('a'), user('b'), system('c'), user('d')])).toBe('<a\n\nc>[b][d]')
    expect(render("{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}", [system('a'), user('b')])).toBe('[a\n\nb]')
  })

  it('B05: neighbours of one role are joined for a strict template alone', () => {
    expect(render(STRICT, [user('a'), user('b'), assistant('c'), assistant('d'), user('e')])).toBe(
      '[user:a\n\nb][assistant:c\n\nd][user:e]',
    )
    expect(render(EACH, [user('a'), user('b')])).toBe('[user:a][user:b]')
    expect(render(STRICT, [assistant('hello'), user('b')])).toBe('[user:][assistant:hello][user:b]')
  })

  it('B06: thoughts are given back where the template takes them', () => {
    const thinking =
      '{% for m in messages %}{% if m.reasoning_content is string %}<think>{{ m.reasoning_content ' +
      '}}</think>{% endif %}{{ m.content }}{% endfor %}'
    expect(render(thinking, [user('x'), assistant('y', { reasoning: 'SECRET-4711' })])).toBe('x<think>SECRET-4711</think>y')
    const harmony =
      "{% for m in messages %}{% if m.thinking and m.content %}{{ raise_exception('both') }}{% endif %}{{ " +
      'm.thinking }}{{ m.content }}{% endfor %}'
    expect(render(harmony, [user('x'), assistant('', { reasoning: 'SECRET' })])).toBe('xSECRET')
    expect(render(harmony, [user('x'), assistant('y', { reasoning: 'SECRET' })])).toBe('xy')
  })

  it('contents are parts where a template walks through them', () => {
    const parts =
      "{% for m in messages %}[{{ m.role }}:{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% " +
      'endif %}{% endfor %}]{% endfor %}'
    expect(render(parts, [system('s'), user('x')])).toBe('[system:s][user:x]')
  })

  it('tools are told in words where the template knows none', () => {
    const call = { id: 'c', name: 'f', argumentsJson: '{"a":1}' }
    const text = render(
      EACH,
      [
        user('x'),
        assistant('', { toolCalls: [call, { ...call, argumentsJson: '' }] }),
        { role: 'tool', content: 'r1', toolCallId: 'c' },
        { role: 'tool', content: 'r2', toolCallId: 'c' },
      ],
      [tool],
    )
    expect(text).toContain('"name": "f", "description": "does"')
    expect(text).toContain(
      '[assistant:<tool_call>\n{"name": "f", "arguments": {"a":1}}\n</tool_call>\n<tool_call>\n{"name": ' +
        '"f", "arguments": {}}\n</tool_call>]',
    )
    expect(text).toContain('[user:<tool_response>\nr1\n</tool_response>\n<tool_response>\nr2\n</tool_response>]')
    expect(render(EACH, [user('x'), assistant('', { toolCalls: [call] }), { role: 'tool', content: 'r1', toolCallId: 'c' }])).not.toContain(
      '[tool:',
    )
  })

  it('a refusal that no form helps against is told as the template has it', () => {
    expect(() => render(`{{ raise_exception('no poems') }}${EACH}`, [user('x')])).toThrow('no poems')
    expect(() => render('{% if %}', [user('x')])).toThrow('cannot be read')
    expect(() => render('{{ 1 | nothing }}', [user('x')])).toThrow("No filter named 'nothing'")
  })

  it.each([
    ['hermes', EACH],
    ['qwen-coder', `{{ tools }}<tool_call>\n<function=name>${EACH}`],
    ['glm', `{{ tools }}<tool_call>name<arg_key>${EACH}`],
    ['mistral', `{{ tools }}[TOOL_CALLS]name[ARGS]${EACH}`],
    ['mistral-list', `{{ tools }}[TOOL_CALLS][${EACH}`],
    ['llama', `{{ tools }}<|python_tag|>${EACH}`],
    ['hermes', `{{ tools }}<tool_call><|python_tag|>${EACH}`],
    ['hermes', `<function=${EACH}`],
  ])('a model writes calls as %s, as its template tells it', (callForm, template) => {
    const renderOne = compileChatTemplate({ plain: template, toolUse: null }, {})
    expect(renderOne({ messages: [user('x')], tools: [tool], templateVariables: {} }).callForm).toBe(callForm)
  })
})
