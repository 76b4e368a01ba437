/** How a template wants its chats, determined by rendering examples. */
export interface TemplateManner {
  /** The template tells the model about tools. */
  readonly knowsTools: boolean
  /** Message contents are lists of parts. */
  readonly wantsParts: boolean
  /** The template concatenates the arguments of a call as text. */
  readonly joinsArguments: boolean
  /** The template drops system messages: all of them, or those after other messages. */
  readonly dropsSystem: boolean
  readonly dropsLaterSystem: boolean
}

type Render = (variables: Readonly<Record<string, unknown>>) => string

const SIGN = 'sign4711'
const CALL_ID = 'call12345'

const user = (content: unknown): object => ({ role: 'user', content })
const TOOL = {
  type: 'function',
  function: { name: SIGN, description: SIGN, parameters: { type: 'object', properties: { a: { type: 'string' } } } },
}

/** null: the template refuses. */
function tried(render: Render, messages: readonly object[], tools: readonly object[] | null = null): string | null {
  try {
    return render({ messages, tools })
  } catch {
    return null // a refusal is a result, too
  }
}

function withCall(given: unknown, content: (text: string) => unknown): object[] {
  const call = { id: CALL_ID, type: 'function', function: { name: 'f', arguments: given } }
  return [
    user(content('x')),
    { role: 'assistant', content: content(''), tool_calls: [call] },
    { role: 'tool', name: 'f', tool_call_id: CALL_ID, content: content('y') },
  ]
}

/** @param render - receives only messages and tools */
export function probeTemplate(render: Render): TemplateManner {
  const parts = (text: string): unknown => [{ type: 'text', text }]
  const shows = (messages: readonly object[], tools: readonly object[] | null = null): boolean =>
    tried(render, messages, tools)?.includes(SIGN) === true
  const plain = tried(render, [user(SIGN)])
  const wantsParts = !plain?.includes(SIGN) && shows([user(parts(SIGN))])
  const content = (text: string): unknown => (wantsParts ? parts(text) : text)
  const system = (text: string): object => ({ role: 'system', content: content(text) })
  const asObject = tried(render, withCall({ a: SIGN }, content), [TOOL])
  const asText = tried(render, withCall(`{"a": "${SIGN}"}`, content), [TOOL])
  const refusesSystem = tried(render, [system('x'), user(content('y'))]) === null
  return {
    knowsTools: shows([user(content('x'))], [TOOL]),
    wantsParts,
    joinsArguments:
      (asObject === null || !asObject.replaceAll(`"name": "${SIGN}"`, '').includes(SIGN) || asObject.includes(`{'a': '${SIGN}'}`)) &&
      asText?.includes(`{"a": "${SIGN}"}`) === true,
    dropsSystem: !refusesSystem && !shows([system(SIGN), user(content('y'))]),
    dropsLaterSystem: !shows([user(content('x')), { role: 'assistant', content: content('y') }, system(SIGN), user(content('z'))]),
  }
}
