import { MINIMAX_TAG } from './tree-calls.ts'

/** A pair of markers that enclose calls in a model's output. */
export interface CallTags {
  readonly open: string
  readonly close: string
  /** The format uses this pair only for calls: the text in between is a call even if its name is unknown. */
  readonly isExplicit: boolean
}

const tags = (open: string, close: string): CallTags => ({ open, close, isExplicit: true })

/** `readCalls` parses the enclosed text, for every model. */
export const CALL_TAGS: readonly CallTags[] = [
  tags('<tool_call>', '</tool_call>'), // Hermes, Qwen, GLM
  tags('<minimax:tool_call>', '</minimax:tool_call>'),
  tags(`${MINIMAX_TAG}<tool_call>`, `${MINIMAX_TAG}</tool_call>`), // MiniMax M3
  tags('<|open|>tools<|sep|>', '<|close|>tools<|sep|>'), // Kimi K3
  tags('<tool_calls>', '</tool_calls>'), // MiniMax M1
  tags('<seed:tool_call>', '</seed:tool_call>'),
  tags('<function_call>', '</function_call>'),
  tags('<function_calls>', '</function_calls>'), // Olmo 3
  tags('<|tool_call|>', '<|/tool_call|>'), // Phi, Granite
  tags('<|tool_call>', '<tool_call|>'), // Gemma 4
  tags('<|tool_calls|>', '<|calls|>'), // Solar
  tags('<|action_start|><|plugin|>', '<|action_end|>'), // InternLM
  tags('<|python_start|>', '<|python_end|>'), // Llama 4
  tags('<|tool_call_start|>', '<|tool_call_end|>'), // LFM
  tags('<start_function_call>', '<end_function_call>'), // FunctionGemma
  tags('<TOOLCALL>', '</TOOLCALL>'), // Nemotron
  tags('<|START_ACTION|>', '<|END_ACTION|>'), // Command
  tags('<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'), // Kimi
  tags('<|tool_call_begin|>', '<|tool_call_end|>'), // Kimi, without its section
  tags('<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'), // DeepSeek
  tags('<｜tool▁call▁begin｜>', '<｜tool▁call▁end｜>'),
  tags('<｜DSML｜function_calls>', '</｜DSML｜function_calls>'), // DeepSeek V3.2
  tags('<｜DSML｜tool_calls>', '</｜DSML｜tool_calls>'), // DeepSeek V4
  tags('<｜DSML｜ calls>', '</｜DSML｜ calls>'), // DeepSeek V4.1
  tags('<|tools_prefix|>', '<|tools_suffix|>'), // Apertus
  tags('<longcat_tool_call>', '</longcat_tool_call>'), // LongCat
  { open: '<function=', close: '</function>', isExplicit: false }, // Qwen3-Coder without its opening tag, Llama
  { open: '<function name=', close: '</function>', isExplicit: false }, // MiniCPM
  { open: '<invoke name=', close: '</invoke>', isExplicit: false },
  { open: '```tool_code', close: '```', isExplicit: false }, // Gemma
  { open: '```tool_call', close: '```', isExplicit: false },
  { open: '```json', close: '```', isExplicit: false },
]

/** Calls extend to the end of their JSON, or to the end of the answer. */
export const OPEN_MARKERS: readonly string[] = ['[TOOL_CALLS]', '<|python_tag|>', 'functools[']

/** Special tokens of these formats that are nevertheless part of a model's text, because its calls are recognized only by them. */
export const CALL_MARKERS: readonly string[] = [
  ...CALL_TAGS.flatMap(({ open, close }) => [open, close]),
  ...OPEN_MARKERS,
  '[ARGS]',
  '[CALL_ID]',
  '<arg_key>',
  '</arg_key>',
  '<arg_value>',
  '</arg_value>',
  '[THINK]',
  '[/THINK]',
  '<|tool_call_argument_begin|>',
  '<｜tool▁sep｜>',
  '<|tool_call:begin|>',
  '<|tool_call:name|>',
  '<|tool_call:args|>',
  '<|tool_call:end|>',
  '<|action_start|>',
  '<|plugin|>',
  '<|"|>',
  MINIMAX_TAG,
  '<mm:think>',
  '</mm:think>',
  '<|open|>',
  '<|close|>',
  '<|sep|>',
  '<|channel>',
  '<channel|>',
  '<think>',
  '</think>',
  '<seed:think>',
  '</seed:think>',
]
