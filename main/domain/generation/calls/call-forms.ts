/** How the arguments of a call are written. */
export type ArgumentStyle =
  | ('json' | 'python' | 'gemma' | 'gemma4' | 'qwen' | 'glm' | 'longcat' | 'minimax')
  | ('minicpm' | 'deepseek' | 'deepseek-v4.1')

/** The format in which a model family writes its calls. */
export interface CallForm {
  /** Whether a template uses this format. */
  readonly isOf: (template: string) => boolean
  /** Around all calls of an answer. */
  readonly section: readonly [open: string, close: string]
  /** Before the name of a tool, between it and the arguments, and after them. */
  readonly call: readonly [before: string, between: string, after: string]
  readonly separator: string
  readonly style: ArgumentStyle
  /** The calls of an answer are numbered, between the name and the rest of `between`. */
  readonly isNumbered?: true
  /** A call ends the answer. */
  readonly isLast?: true
}

const has =
  (...texts: readonly string[]) =>
  (template: string): boolean =>
    texts.some((text) => template.includes(text))

const json = (args: 'arguments' | 'parameters', space = ' '): CallForm['call'] => ['{"name": "', `", "${args}":${space}`, '}']

const FUNCTION: CallForm['call'] = ['<function=', '>\n', '</function>']
const within = (open: string, [before, between, after]: CallForm['call'], close: string): CallForm['call'] => [
  open + before,
  between,
  after + close,
]

/** The first whose `isOf` is true is a template's; the last one is for all others, and for tools that are told in words. */
const FORMS = {
  harmony: {
    isOf: has('<|start|>assistant'),
    section: ['', ''],
    call: ['<|channel|>commentary to=functions.', ' <|constrain|>json<|message|>', ''],
    separator: '',
    style: 'json',
    isLast: true,
  },
  kimi: {
    isOf: has('<|tool_calls_section_begin|>'),
    section: ['<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'],
    call: ['<|tool_call_begin|>functions.', '<|tool_call_argument_begin|>', '<|tool_call_end|>'],
    separator: '',
    style: 'json',
    isNumbered: true,
  },
  'deepseek-v4.1': {
    isOf: has('<｜DSML｜ calls>'),
    section: ['<｜DSML｜ calls>\n', '</｜DSML｜ calls>'],
    call: ['<｜DSML｜ invoke name="', '">\n', '</｜DSML｜ invoke>\n'],
    separator: '',
    style: 'deepseek-v4.1',
  },
  'deepseek-v4': {
    isOf: has('<｜DSML｜tool_calls>'),
    section: ['<｜DSML｜tool_calls>\n', '</｜DSML｜tool_calls>'],
    call: ['<｜DSML｜invoke name="', '">\n', '</｜DSML｜invoke>\n'],
    separator: '',
    style: 'deepseek',
  },
  'deepseek-v3.2': {
    isOf: has('｜DSML｜'),
    section: ['<｜DSML｜function_calls>\n', '</｜DSML｜function_calls>'],
    call: ['<｜DSML｜invoke name="', '">\n', '</｜DSML｜invoke>\n'],
    separator: '',
    style: 'deepseek',
  },
  'deepseek-v3': {
    isOf: (template) => template.includes('<｜tool▁calls▁begin｜>') && template.includes('```json'),
    section: ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'],
    call: ['<｜tool▁call▁begin｜>function<｜tool▁sep｜>', '\n```json\n', '\n```<｜tool▁call▁end｜>'],
    separator: '\n',
    style: 'json',
  },
  'deepseek-v3.1': {
    isOf: has('<｜tool▁calls▁begin｜>'),
    section: ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'],
    call: ['<｜tool▁call▁begin｜>', '<｜tool▁sep｜>', '<｜tool▁call▁end｜>'],
    separator: '',
    style: 'json',
  },
  apertus: {
    isOf: has('<|tools_prefix|>'),
    section: ['<|tools_prefix|>[', ']<|tools_suffix|>'],
    call: ['{"', '": ', '}'],
    separator: ', ',
    style: 'json',
  },
  longcat: {
    isOf: has('<longcat_arg_key>'),
    section: ['', ''],
    call: ['<longcat_tool_call>', '\n', '</longcat_tool_call>'],
    separator: '\n',
    style: 'longcat',
  },
  'longcat-json': {
    isOf: has('<longcat_tool_call>'),
    section: ['', ''],
    call: within('<longcat_tool_call>\n', json('arguments'), '\n</longcat_tool_call>'),
    separator: '\n',
    style: 'json',
  },
  minicpm: {
    isOf: has('<function name="'),
    section: ['', ''],
    call: ['<function name="', '">', '</function>'],
    separator: '\n',
    style: 'minicpm',
  },
  internlm: {
    isOf: has('<|plugin|>'),
    section: ['', ''],
    call: within('<|action_start|><|plugin|>\n', json('parameters'), '<|action_end|>'),
    separator: '\n',
    style: 'json',
  },
  olmo: {
    isOf: has('<function_calls>'),
    section: ['<function_calls>', '</function_calls>'],
    call: ['', '(', ')'],
    separator: '\n',
    style: 'python',
  },
  minimax: {
    isOf: has('<minimax:tool_call>'),
    section: ['<minimax:tool_call>\n', '</minimax:tool_call>'],
    call: ['<invoke name="', '">\n', '</invoke>\n'],
    separator: '',
    style: 'minimax',
  },
  seed: {
    isOf: has('<seed:tool_call>'),
    section: ['', ''],
    call: within('<seed:tool_call>\n', FUNCTION, '\n</seed:tool_call>'),
    separator: '\n',
    style: 'qwen',
  },
  'qwen-coder': {
    isOf: has('<function='),
    section: ['', ''],
    call: within('<tool_call>\n', FUNCTION, '\n</tool_call>'),
    separator: '\n',
    style: 'qwen',
  },
  glm: {
    isOf: has('<arg_key>'),
    section: ['', ''],
    call: ['<tool_call>', '\n', '</tool_call>'],
    separator: '\n',
    style: 'glm',
  },
  mistral: {
    isOf: has('[ARGS]'),
    section: ['', ''],
    call: ['[TOOL_CALLS]', '[ARGS]', ''],
    separator: '',
    style: 'json',
  },
  'mistral-list': {
    isOf: has('[TOOL_CALLS]'),
    section: ['[TOOL_CALLS][', ']'],
    call: json('arguments'),
    separator: ', ',
    style: 'json',
  },
  lfm: {
    isOf: has('<|tool_call_start|>', '<|tool_list_start|>'),
    section: ['<|tool_call_start|>[', ']<|tool_call_end|>'],
    call: ['', '(', ')'],
    separator: ', ',
    style: 'python',
  },
  'function-gemma': {
    isOf: has('<start_function_call>'),
    section: ['', ''],
    call: ['<start_function_call>call:', '{', '}<end_function_call>'],
    separator: '',
    style: 'gemma',
  },
  'gemma-4': {
    isOf: has('<tool_call|>'),
    section: ['', ''],
    call: ['<|tool_call>call:', '{', '}<tool_call|>'],
    separator: '',
    style: 'gemma4',
  },
  phi: {
    isOf: has('<|/tool_call|>'),
    section: ['<|tool_call|>[', ']<|/tool_call|>'],
    call: json('arguments'),
    separator: ', ',
    style: 'json',
  },
  granite: {
    isOf: has('<|tool_call|>'),
    section: ['<|tool_call|>[', ']'],
    call: json('arguments'),
    separator: ', ',
    style: 'json',
  },
  nemotron: {
    isOf: has('<TOOLCALL>'),
    section: ['<TOOLCALL>[', ']</TOOLCALL>'],
    call: json('arguments'),
    separator: ', ',
    style: 'json',
  },
  command: {
    isOf: has('<|START_ACTION|>'),
    section: ['<|START_ACTION|>[\n    ', '\n]<|END_ACTION|>'],
    call: ['{"tool_call_id": "0", "tool_name": "', '", "parameters": ', '}'],
    separator: ',\n    ',
    style: 'json',
  },
  python: {
    isOf: has('func_name1('),
    section: ['[', ']'],
    call: ['', '(', ')'],
    separator: ', ',
    style: 'python',
  },
  llama: {
    isOf: (template) => has('<|python_tag|>', '"parameters": dictionary')(template) && !template.includes('<tool_call>'),
    section: ['', ''],
    call: json('parameters'),
    separator: '; ',
    style: 'json',
  },
  hermes: {
    isOf: () => true,
    section: ['', ''],
    call: within('<tool_call>\n', json('arguments'), '\n</tool_call>'),
    separator: '\n',
    style: 'json',
  },
} satisfies Readonly<Record<string, CallForm>>

export type CallFormName = keyof typeof FORMS

export const CALL_FORMS: Readonly<Record<CallFormName, CallForm>> = FORMS

const NAMES = Object.keys(FORMS) as readonly CallFormName[]

export const callFormOf = (template: string): CallFormName => NAMES.find((name) => FORMS[name].isOf(template)) ?? 'hermes'

/** The start of a call of a tool; null: of any. Spaces before the arguments belong to the arguments' first token. */
export function callStart({ section: [open], call: [before, between], isNumbered }: CallForm, name: string | null): string {
  return open + before + (name === null ? '' : name + (isNumbered ? ':0' : '') + between.replace(/ $/, ''))
}
