/** The text of a call before and after its arguments; expressions are anchored at the start. */
export interface FollowedForm {
  /** Groups: `name`, and `id` if the form has one. */
  readonly head: RegExp
  readonly args: 'json' | 'python' | PairForm
  /** After the arguments; null: nothing can follow them, or only the parser of the complete text can tell. */
  readonly tail: RegExp | null
}

/** Arguments that are written one by one as text. */
export interface PairForm {
  /** Its groups are a name and a value. It matches once the end of the value is certain. */
  readonly pair: RegExp
  /** Without this text a value cannot have ended. */
  readonly close: string
  /** Removes the line breaks that the form itself puts around a value. */
  readonly isTrimmed: boolean
}

const SCALAR = String.raw`(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[-+\w.]+)`
const KEY = String.raw`\s*(?:,\s*)?(?:"\w+"|'\w+')\s*:\s*`
const NAME = String.raw`\s*(?:,\s*)?["'](?:name|tool_name|function)["']\s*:\s*["'](?<name>[^"'\\]+)["']`
const OTHER = String.raw`(?:\s*(?:,\s*)?["'](?!(?:name|tool_name|function|arguments|parameters|args)["'])\w+["']\s*:\s*${SCALAR})*`
const ARGUMENTS = String.raw`\s*(?:,\s*)?["'](?:arguments|parameters|args)["']\s*:\s*(?=\{)`
const REST = String.raw`(?:${KEY}${SCALAR})*\s*`

const json = (open: string, close: string): FollowedForm => ({
  head: new RegExp(String.raw`^[\s;,[]*\{${OTHER}${open}${NAME}${OTHER}${ARGUMENTS}`),
  args: 'json',
  tail: new RegExp(String.raw`^${REST}${close}`),
})

const FUNCTION = String.raw`^\s*<function=["']?(?<name>[^>\s"']+)["']?\s*>\s*`
const INVOKE = String.raw`^\s*<(?:｜DSML｜)?invoke\s+name=["']?(?<name>[^"'>\s]+)["']?\s*>\s*`

/** JSON, with or without tags. */
export const JSON_FORMS: readonly FollowedForm[] = [
  json('', String.raw`\}`),
  json(String.raw`\s*(?:,\s*)?["']function["']\s*:\s*\{${OTHER}`, String.raw`\}${REST}\}`),
]

/** `[f(a=1)]`, `print(f(a=1))` */
export const PYTHON_FORM: FollowedForm = {
  head: /^[\s[,;)]*(?:print\s*\(\s*)?(?<name>[A-Za-z_][\w.-]*)\s*\((?=\s*(?:\)|[A-Za-z_][\w-]*\s*=\s*[^\s=]))/,
  args: 'python',
  tail: /^\s*(?:,\s*)?\)/,
}

/** Mistral's `name[ARGS]{…}` */
export const NAMED_FORM: FollowedForm = {
  head: /^\s*(?<name>[\w.-]+)(?:\[CALL_ID\](?<id>[\w-]*))?(?:\[ARGS\])?\s*(?=\{)/,
  args: 'json',
  tail: null,
}

export const TAGGED_FORMS: readonly FollowedForm[] = [
  ...JSON_FORMS,
  PYTHON_FORM,
  // Kimi
  {
    head: /^\s*(?:<\|tool_call_begin\|>)?\s*(?<id>(?:functions\.)?(?<name>[\w.-]+?)(?::\d+)?)\s*<\|tool_call_argument_begin\|>\s*(?=\{)/,
    args: 'json',
    tail: /^\s*<\|tool_call_end\|>/,
  },
  // DeepSeek
  { head: /^\s*(?:<｜tool▁call▁begin｜>)?\s*(?<name>[\w.-]+)<｜tool▁sep｜>\s*(?=\{)/, args: 'json', tail: /^\s*<｜tool▁call▁end｜>/ },
  {
    head: /^\s*(?:<｜tool▁call▁begin｜>)?\s*\w+<｜tool▁sep｜>(?<name>[\w.-]+)\s*```(?:json)?\s*(?=\{)/,
    args: 'json',
    tail: /^[\s`]*<｜tool▁call▁end｜>/,
  },
  // Llama and Qwen3-Coder
  { head: new RegExp(String.raw`${FUNCTION}(?=\{)`), args: 'json', tail: /^\s*<\/function>/ },
  {
    head: new RegExp(String.raw`${FUNCTION}(?=<)`),
    args: {
      pair: /^\s*<parameter=([^>\s]+)\s*>(.*?)<\/parameter>(?=\s*(?:<parameter=|<\/function>))/s,
      close: '</parameter>',
      isTrimmed: true,
    },
    tail: /^\s*<\/function>/,
  },
  // MiniMax and DeepSeek V3.2
  {
    head: new RegExp(String.raw`${INVOKE}(?=<)`),
    args: {
      pair: new RegExp(
        String.raw`^\s*<(?:｜DSML｜)?parameter\s+name=["']?([^"'>\s]+)["']?[^>]*>(.*?)<\/(?:｜DSML｜)?parameter>` +
          String.raw`(?=\s*(?:<(?:｜DSML｜)?parameter|<\/(?:｜DSML｜)?invoke>))`,
        's',
      ),
      close: 'parameter>',
      isTrimmed: true,
    },
    tail: /^\s*<\/(?:｜DSML｜)?invoke>/,
  },
  // GLM
  {
    head: /^\s*(?<name>[\w.-]+)\s*(?=<arg_key>)/,
    args: {
      pair: /^\s*<arg_key>((?:(?!<arg_key>).)*?)<\/arg_key>\s*<arg_value>((?:(?!<arg_key>).)*?)<\/arg_value>(?=\s*<arg_key>)/s,
      close: '</arg_value>',
      isTrimmed: false,
    },
    tail: null,
  },
  // Gemma 4, whose marks are in no text
  {
    head: /^\s*call:(?<name>[\w.-]+)\{(?=[\w.-]+:<\|"\|>)/,
    args: { pair: /^,?\s*([\w.-]+):<\|"\|>(.*?)<\|"\|>(?=\s*[,}])/s, close: '<|"|>', isTrimmed: false },
    tail: null,
  },
  // FunctionGemma
  {
    head: /^\s*call:(?<name>[\w.-]+)\{(?=[\w.-]+:(?:<escape>|[^<]))/,
    args: { pair: /^,?([\w.-]+):<escape>(.+?)<escape>(?=\s*,)/s, close: '<escape>', isTrimmed: false },
    tail: null,
  },
]
