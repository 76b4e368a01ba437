import { kimiArgument } from './tree-calls.ts'

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
  /** The name and value of an argument that states its type itself; absent: the tool's schema gives the type. */
  readonly read?: (name: string, value: string) => readonly [name: string, value: unknown]
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
const INVOKE = String.raw`^\s*<(?:｜DSML｜ ?)?(?:invoke|function)\s+name=["']?(?<name>[^"'>\s]+)["']?\s*>\s*`

/** @param prefix - before the names of the tags */
const argumentTags = (prefix: string): FollowedForm => {
  const value = String.raw`((?:(?!<${prefix}arg_key>).)*?)`
  return {
    head: new RegExp(String.raw`^\s*(?<name>[\w.-]+)\s*(?=<${prefix}arg_key>)`),
    args: {
      pair: new RegExp(
        String.raw`^\s*<${prefix}arg_key>${value}</${prefix}arg_key>\s*<${prefix}arg_value>${value}</${prefix}arg_value>` +
          String.raw`(?=\s*<${prefix}arg_key>)`,
        's',
      ),
      close: `</${prefix}arg_value>`,
      isTrimmed: false,
    },
    tail: null,
  }
}

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
      pair: /^\s*<parameter=([^>\s]+)\s*>((?:(?!<function=).)*?)<\/parameter>(?=\s*(?:<parameter=|<\/function>))/s,
      close: '</parameter>',
      isTrimmed: true,
    },
    tail: /^\s*<\/function>/,
  },
  // MiniMax, MiniCPM and DeepSeek from V3.2
  {
    head: new RegExp(String.raw`${INVOKE}(?=<)`),
    args: {
      pair: new RegExp(
        String.raw`^\s*<(?:｜DSML｜ ?)?param(?:eter)?\s+name=["']?([^"'>\s]+)["']?[^>]*>(.*?)<\/(?:｜DSML｜ ?)?param(?:eter)?>` +
          String.raw`(?=\s*(?:<(?:｜DSML｜ ?)?param(?:eter)?\s|<\/(?:｜DSML｜ ?)?(?:invoke|function)>))`,
        's',
      ),
      close: '</',
      isTrimmed: true,
    },
    tail: /^\s*<\/(?:｜DSML｜ ?)?(?:invoke|function)>/,
  },
  // GLM and LongCat
  argumentTags(''),
  argumentTags('longcat_'),
  // Hunyuan
  {
    head: /^(?:\s*<\/?tool_call>)*\s*(?<name>[\w.-]+)\s*(?:```(?:json)?\s*)?(?=\{)/,
    args: 'json',
    tail: /^[\s`]*<\/?tool_call>/,
  },
  // Solar
  {
    head: /^\s*(?:<\|tool_call:begin\|>)?[^<]*<\|tool_call:name\|>\s*(?<name>[^<\s]+)\s*<\|tool_call:args\|>\s*(?=\{)/,
    args: 'json',
    tail: /^\s*<\|tool_call:end\|>/,
  },
  // Apertus
  {
    head: /^[\s,[]*\{\s*["'](?!(?:name|tool_name|tool|function|arguments|parameters|args|input)["'])(?<name>[^"'\\]+)["']\s*:\s*(?=\{)/,
    args: 'json',
    tail: /^\s*\}/,
  },
  // MiniMax M3, as long as the values are texts
  {
    head: /^\s*\]<\]minimax\[>\[<invoke\s+name=["']?(?<name>[^"'\s>]+)["']?\s*>\s*(?=\])/,
    args: {
      pair: /^\s*\]<\]minimax\[>\[<([^\s<>/]+)>((?:(?!\]<\]minimax\[>\[).)*)\]<\]minimax\[>\[<\/\1>/s,
      close: '</',
      isTrimmed: false,
    },
    tail: /^\s*\]<\]minimax\[>\[<\/invoke>/,
  },
  // Kimi K3
  {
    head: /^\s*<\|open\|>call\s(?:(?!<\|sep\|>).)*?\btool="(?<name>[^"&]*)"(?:(?!<\|sep\|>).)*<\|sep\|>\s*(?=<)/s,
    args: {
      pair: /^\s*<\|open\|>argument\s(.*?)<\|sep\|>(.*?)<\|close\|>argument<\|sep\|>/s,
      close: '<|close|>argument<|sep|>',
      isTrimmed: false,
      read: kimiArgument,
    },
    tail: /^\s*<\|close\|>call<\|sep\|>/,
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
