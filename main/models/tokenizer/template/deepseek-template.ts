import { deepSeekV32Template } from './deepseek-v32-template.ts'

/** What differs between the formats of DeepSeek V4 and V4.1. */
interface Format {
  /** The name of the tag around all calls of an answer. */
  readonly section: string
  /** Before the names of the tags within it. */
  readonly space: string
  /** System messages have a token of their own, and those after other messages count as a user's. */
  readonly marksSystem: boolean
  /** Jinja that writes how much the model is to think. */
  readonly effort: string
}

const DSML = '｜DSML｜'

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`).replaceAll('\n', String.raw`\n`)}'`
const write = (text: string): string => `{{- ${quoted(text)} -}}`

const MOST_EFFORT =
  'Reasoning Effort: Absolute maximum with no shortcuts permitted.\n' +
  'You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve the root cause, ' +
  'rigorously stress-testing your logic against all potential paths, edge cases, and adversarial scenarios.\n' +
  'Explicitly write out your entire deliberation process, documenting every intermediate step, considered alternative, ' +
  'and rejected hypothesis to ensure absolutely no assumption is left unchecked.\n\n'

const V4: Format = {
  section: 'tool_calls',
  space: '',
  marksSystem: false,
  effort: `{%- if reasoning_effort == 'max' -%}${write(MOST_EFFORT)}{%- endif -%}`,
}

const V41: Format = {
  section: ' calls',
  space: ' ',
  marksSystem: true,
  effort:
    "{{- 'Reasoning Effort: ' ~ {'minimal': 25, 'low': 25, 'xhigh': 75, 'max': 100}.get(reasoning_effort, 50) ~ " +
    "' (range 1-100, the higher the value, the more thorough the reasoning)\\n\\n' -}}",
}

/** How the models are told about tools, up to the tools' schemas. */
const toolsText = ({ section, space }: Format): string => `## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by writing a "<${DSML}${section}>" \
block like the following:

<${DSML}${section}>
<${DSML}${space}invoke name="$TOOL_NAME">
<${DSML}${space}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</${DSML}${space}parameter>
...
</${DSML}${space}invoke>
<${DSML}${space}invoke name="$TOOL_NAME2">
...
</${DSML}${space}invoke>
</${DSML}${section}>

String parameters should be specified as is and set \`string="true"\`. For all other types (numbers, booleans, arrays, objects), \
pass the value in JSON format and set \`string="false"\`.

If thinking_mode is enabled (triggered by <think>), you MUST output your complete reasoning inside <think>...</think> BEFORE any \
tool calls or final response.

Otherwise, output directly after </think> with tool calls or final response.

### Available Tool Schemas

`

const AFTER_TOOLS = '\n\nYou MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.\n'

/** Consecutive messages of users and tools are one turn. */
const TURNS = `
{%- set thinks = (enable_thinking is defined and enable_thinking) or (thinking is defined and thinking) -%}
{%- set turns = [] -%}
{%- set ns = namespace(run=none, calls=[], last=-1, at=0) -%}
{%- if tools and (messages | length == 0 or messages[0].role != 'system') -%}
  {%- set _ = turns.append({'role': 'system', 'message': {'content': ''}}) -%}
{%- endif -%}
{%- for message in messages -%}
  {%- if message.role in ['user', 'tool'] -%}
    {%- if ns.run is none -%}
      {%- set ns.run = [] -%}
      {%- set _ = turns.append({'role': 'user', 'parts': ns.run}) -%}
    {%- endif -%}
    {%- set _ = ns.run.append(message) -%}
  {%- else -%}
    {%- set ns.run = none -%}
    {%- set _ = turns.append({'role': message.role, 'message': message}) -%}
  {%- endif -%}
{%- endfor -%}`

/** The results of tools stand in the order of their calls. */
const USER = `
{%- set results = turn.parts | selectattr('role', 'equalto', 'tool') | list -%}
{%- set known = ns.calls | map(attribute='id') | list -%}
{%- set ordered = [] -%}
{%- for call in ns.calls -%}
  {%- set isFirst = loop.first -%}
  {%- for result in results -%}
    {%- if result.tool_call_id == call.id or (isFirst and result.tool_call_id not in known) -%}
      {%- set _ = ordered.append(result) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endfor -%}
{%- set ns.at = 0 -%}
{{- '<｜User｜>' -}}
{%- for part in turn.parts -%}
  {%- if not loop.first -%}{{- '\\n\\n' -}}{%- endif -%}
  {%- if part.role == 'tool' -%}
    {%- set result = ordered[ns.at] if ordered | length == results | length else part -%}
    {%- set ns.at = ns.at + 1 -%}
    {{- '<tool_result>' ~ result.content ~ '</tool_result>' -}}
  {%- else -%}
    {{- part.content -}}
  {%- endif -%}
{%- endfor -%}`

const assistant = ({ section, space }: Format): string => `
{%- set message = turn.message -%}
{%- if thinks and (tools or loop.index0 > ns.last) -%}{{- (message.reasoning_content or '') ~ '</think>' -}}{%- endif -%}
{{- message.content or '' -}}
{%- if message.tool_calls -%}
  {%- set ns.calls = message.tool_calls -%}
  {{- '\\n\\n<${DSML}${section}>\\n' -}}
  {%- for call in message.tool_calls -%}
    {{- '<${DSML}${space}invoke name="' ~ call.function.name ~ '">\\n' -}}
    {%- for name, value in call.function.arguments.items() -%}
      {%- set isText = value is string -%}
      {{- '<${DSML}${space}parameter name="' ~ name ~ '" string="' ~ ('true' if isText else 'false') ~ '">' -}}
      {{- value if isText else value | tojson -}}
      {{- '</${DSML}${space}parameter>' -}}
      {%- if not loop.last -%}{{- '\\n' -}}{%- endif -%}
    {%- endfor -%}
    {{- '\\n</${DSML}${space}invoke>\\n' -}}
  {%- endfor -%}
  {{- '</${DSML}${section}>' -}}
{%- endif -%}
{{- '<｜end▁of▁sentence｜>' -}}`

function templateOf(format: Format): string {
  const isTurnOfUser = format.marksSystem ? "(turn.role == 'user' or (turn.role == 'system' and not loop.first))" : "turn.role == 'user'"
  return `${TURNS}
{%- for turn in turns -%}
  {%- if ${isTurnOfUser} -%}{%- set ns.last = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{{- '<｜begin▁of▁sentence｜>' -}}
{%- for turn in turns -%}
  {%- if ${String(format.marksSystem)} and (turn.role == 'system' or (loop.first and thinks)) -%}{{- '<｜System｜>' -}}{%- endif -%}
  {%- if loop.first and thinks -%}${format.effort}{%- endif -%}
  {%- if turn.role == 'system' -%}
    {{- turn.message.content -}}
    {%- if loop.first and tools -%}
      ${write(`\n\n${toolsText(format)}`)}
      {%- for tool in tools -%}
        {{- tool.function | tojson -}}{%- if not loop.last -%}{{- '\\n' -}}{%- endif -%}
      {%- endfor -%}
      ${write(AFTER_TOOLS)}
    {%- endif -%}
  {%- elif turn.role == 'user' -%}${USER}
  {%- else -%}${assistant(format)}
  {%- endif -%}
  {%- if ${isTurnOfUser} and (add_generation_prompt if loop.last else loop.nextitem.role == 'assistant') -%}
    {{- '<｜Assistant｜>' ~ ('<think>' if thinks and (tools or loop.index0 >= ns.last) else '</think>') -}}
  {%- endif -%}
{%- endfor -%}`
}

const TEMPLATES: Readonly<Record<string, () => string>> = {
  deepseek_v32: () => deepSeekV32Template,
  deepseek_v4: () => templateOf(V4),
  deepseek_v41: () => templateOf(V41),
}

/**
 * The chat template of a model whose folder has none, since its makers publish its format as a program.
 * Source: `encoding/` in the folders of deepseek-ai's models.
 *
 * @param modelType - `model_type` of config.json
 */
export function deepSeekTemplate(modelType: unknown): string | null {
  return typeof modelType === 'string' && Object.hasOwn(TEMPLATES, modelType) ? (TEMPLATES[modelType]?.() ?? null) : null
}
