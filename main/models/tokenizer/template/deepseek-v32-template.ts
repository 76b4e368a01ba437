const DSML = '｜DSML｜'

/** How the model is told about tools, around their schemas. Its lines are part of the format that the model has learned. */
const TOOLS = `## Tools
You have access to a set of tools you can use to answer the user's question.
You can invoke functions by writing a "<${DSML}function_calls>" block like the following as part of your reply to the user:
<${DSML}function_calls>
<${DSML}invoke name="$FUNCTION_NAME">
<${DSML}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</${DSML}parameter>
...
</${DSML}invoke>
<${DSML}invoke name="$FUNCTION_NAME2">
...
</${DSML}invoke>
</${DSML}function_calls>
String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects should use JSON format. \
The "string" attribute should be set to "true" for string type parameters and "false" for other types (numbers, booleans, arrays, objects).
If the thinking_mode is enabled, then after function results you should strongly consider outputting a thinking block. Here is an example:
<${DSML}function_calls>
...
</${DSML}function_calls>
<function_results>
...
</function_results>
<think>...thinking about results</think>
Here are the functions available in JSONSchema format:
<functions>
`

/**
 * The chat template of DeepSeek V3.2: each message of a user opens a turn of the assistant, and so does the last result of its calls.
 * Source: `encoding/encoding_dsv32.py` in the folder of deepseek-ai's model.
 */
export const deepSeekV32Template = `
{%- set thinks = (enable_thinking is defined and enable_thinking) or (thinking is defined and thinking) -%}
{%- set ns = namespace(last=-1) -%}
{%- for message in messages -%}
  {%- if message.role == 'user' -%}{%- set ns.last = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- macro tell_tools() -%}
  {{- '\\n\\n' -}}
  {{- ${JSON.stringify(TOOLS)} -}}
  {%- for tool in tools -%}
    {{- tool.function | tojson ~ '\\n' -}}
  {%- endfor -%}
  {{- '</functions>\\n' -}}
{%- endmacro -%}
{{- '<｜begin▁of▁sentence｜>' -}}
{%- if tools and (messages | length == 0 or messages[0].role != 'system') -%}{{- tell_tools() -}}{%- endif -%}
{%- for message in messages -%}
  {%- set opens = (add_generation_prompt or not loop.last) -%}
  {%- if message.role == 'system' -%}
    {{- message.content -}}
    {%- if loop.first and tools -%}{{- tell_tools() -}}{%- endif -%}
  {%- elif message.role == 'user' -%}
    {{- '<｜User｜>' ~ message.content -}}
    {%- if opens -%}
      {{- '<｜Assistant｜>' ~ ('<think>' if thinks and loop.index0 == ns.last else '</think>') -}}
    {%- endif -%}
  {%- elif message.role == 'tool' -%}
    {%- if loop.first or loop.previtem.role != 'tool' -%}{{- '\\n\\n<function_results>' -}}{%- endif -%}
    {{- '\\n<result>' ~ message.content ~ '</result>' -}}
    {%- if loop.last or loop.nextitem.role != 'tool' -%}
      {{- '\\n</function_results>' -}}
      {%- if opens -%}
        {{- '\\n\\n' ~ ('<think>' if thinks and loop.index0 >= ns.last else '</think>') -}}
      {%- endif -%}
    {%- endif -%}
  {%- else -%}
    {%- if thinks and loop.index0 > ns.last -%}{{- (message.reasoning_content or '') ~ '</think>' -}}{%- endif -%}
    {{- message.content or '' -}}
    {%- if message.tool_calls -%}
      {{- '\\n\\n<${DSML}function_calls>\\n' -}}
      {%- for call in message.tool_calls -%}
        {{- '<${DSML}invoke name="' ~ call.function.name ~ '">\\n' -}}
        {%- for name, value in call.function.arguments.items() -%}
          {%- set isText = value is string -%}
          {{- '<${DSML}parameter name="' ~ name ~ '" string="' ~ ('true' if isText else 'false') ~ '">' -}}
          {{- value if isText else value | tojson -}}
          {{- '</${DSML}parameter>' -}}
          {%- if not loop.last -%}{{- '\\n' -}}{%- endif -%}
        {%- endfor -%}
        {{- '\\n</${DSML}invoke>\\n' -}}
      {%- endfor -%}
      {{- '</${DSML}function_calls>' -}}
    {%- endif -%}
    {{- '<｜end▁of▁sentence｜>' -}}
  {%- endif -%}
{%- endfor -%}`
