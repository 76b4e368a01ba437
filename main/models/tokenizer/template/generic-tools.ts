import type { ChatMessage, ToolDefinition } from '../../../shared/inference/inference.ts'

const LEAD = `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
`
const CALLING = `
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`

function signature({ name, description = '', parameters = {}, parametersJson }: ToolDefinition): string {
  const head =
    `{"type": "function", "function": {"name": ${JSON.stringify(name)}, "description": ` + `${JSON.stringify(description)}, "parameters": `
  return `${head}${parametersJson ?? JSON.stringify(parameters)}}}`
}

function withCalls({ toolCalls = [], ...message }: ChatMessage): ChatMessage {
  if (toolCalls.length === 0) return message
  const calls = toolCalls.map(
    (call) =>
      `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ` +
      `${call.argumentsJson.trim() === '' ? '{}' : call.argumentsJson}}\n</tool_call>`,
  )
  return { ...message, content: [message.content, ...calls].filter((text) => text !== '').join('\n') }
}

/**
 * Writes the tools of a chat as plain text, in the format that Hermes models were trained on, for templates that do not
 * support tools. Calls use the format that the model is told to use; results become user messages.
 */
export function writeToolsInWords(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): ChatMessage[] {
  const written: ChatMessage[] = []
  let followsResult = false
  for (const message of messages) {
    const isResult = message.role === 'tool'
    const result = `<tool_response>\n${message.content}\n</tool_response>`
    const last = written.at(-1)
    if (isResult && followsResult && last) written[written.length - 1] = { ...last, content: `${last.content}\n${result}` }
    else written.push(isResult ? { role: 'user', content: result } : withCalls(message))
    followsResult = isResult
  }
  if (tools.length === 0) return written
  const [first] = written
  const words = LEAD + tools.map(signature).join('\n') + CALLING
  if (first?.role === 'system') written[0] = { ...first, content: `${first.content}\n\n${words}` }
  else written.unshift({ role: 'system', content: words })
  return written
}
