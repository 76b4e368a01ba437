/** Code spans, then formulas: `\[ \]`, `$$ $$`, `\( \)`, `$ $`. What is in a code span is no formula. */
const PARTS = new RegExp(
  [
    /(?<code>(?<ticks>`+)[^`][\s\S]*?\k<ticks>(?!`))/,
    /\\\[(?<bracket>[\s\S]+?)\\\]/,
    /\$\$(?<dollars>[\s\S]+?)\$\$/,
    /\\\((?<paren>[\s\S]+?)\\\)/,
    /(?<![\\$\w])\$(?=\S)(?<dollar>[^$\n]*?[^\s\\$])\$(?![\w$])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)
/** Between single dollars, anything else may be prices. */
const LOOKS_LIKE_MATH = /[\\^_{}=+<>]|^[A-Za-z]\w{0,2}$/
const FENCED = /^ {0,3}(`{3,}|~{3,})/

/** Begins code that is a formula. It is a private character that no model means. */
const MARK = '\uE0F5'

/** Turns formulas into code, so that markdown does not change what is in them. Those within a line begin with a mark. */
export function protectMath(block: string): string {
  if (FENCED.test(block)) return block
  const text = block.replaceAll(MARK, '')
  return text.replace(PARTS, (whole: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>
    const offset = rest.at(-3) as number
    if (groups.code !== undefined || (groups.dollar !== undefined && !LOOKS_LIKE_MATH.test(groups.dollar))) return whole
    const display = groups.bracket ?? groups.dollars
    const lineStart = text.lastIndexOf('\n', offset - 1) + 1
    if (display !== undefined && lineStart === offset) return `\n${fenceOf(display)}math\n${display.trim()}\n${fenceOf(display)}\n`
    const tex = MARK + whole.replaceAll('\n', ' ')
    return tex.includes('`') ? `\`\` ${tex} \`\`` : `\`${tex}\``
  })
}

const fenceOf = (content: string): string => '`'.repeat(Math.max(3, ...[...content.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))

export interface WrittenFormula {
  /** Without delimiters. */
  readonly tex: string
  readonly isDisplay: boolean
  /** As the model wrote it. */
  readonly source: string
}

/** The formula in a code span of `protectMath`; null: it is code. */
export function readFormula(code: string): WrittenFormula | null {
  if (!code.startsWith(MARK)) return null
  const source = code.slice(MARK.length)
  const delimiterLength = /^(\$\$|\\)/.test(source) ? 2 : 1
  return { tex: source.slice(delimiterLength, -delimiterLength), isDisplay: /^(\$\$|\\\[)/.test(source), source }
}
