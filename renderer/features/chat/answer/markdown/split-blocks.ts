const FENCE = /^ {0,3}(`{3,}|~{3,})/
const LIST_ITEM = /^\s*([-*+]|\d{1,9}[.)])\s/
const INDENTED = /^\s+\S/
/** What a formula begins with that ends on a later line, and its end. */
const MATH = [
  { begin: /^\s*\$\$(?!.*\$\$)/, end: '$$' },
  { begin: /^\s*\\\[(?!.*\\\])/, end: '\\]' },
] as const
/** A footnote or the address of a link, which may belong to any block. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*\S/

/**
 * Splits markdown where a block is final, so that only the last one is parsed again while an answer grows. Lists,
 * fenced code and formulas stay whole; so does a text with footnotes or references, whose parts belong together.
 */
export function splitBlocks(text: string): string[] {
  const { blocks, isWhole } = splitFrom(text, 0)
  return isWhole ? [text.trimEnd()] : blocks.map((block) => block.text)
}

interface Block {
  readonly text: string
  /** Where it begins in the whole text. */
  readonly start: number
}

function splitFrom(text: string, from: number): { readonly blocks: readonly Block[]; readonly isWhole: boolean } {
  const blocks: Block[] = []
  let block: string[] = []
  let blockStart = from
  let position = from
  let fence: string | null = null
  let mathEnd: string | null = null
  let isAfterBlank = false
  let isWhole = false
  const isContinued = (line: string): boolean => INDENTED.test(line) || (LIST_ITEM.test(line) && LIST_ITEM.test(block[0] ?? ''))
  const close = (): void => {
    const whole = block.join('\n').trimEnd()
    if (whole !== '') blocks.push({ text: detached(whole), start: blockStart })
    block = []
  }
  for (const line of text.slice(from).split('\n')) {
    const isBlank = line.trim() === ''
    if (isAfterBlank && !isBlank && fence === null && mathEnd === null && !isContinued(line)) close()
    isAfterBlank = isBlank
    if (block.length === 0) blockStart = position
    if (!isBlank || block.length > 0) block.push(line)
    position += line.length + 1
    if (mathEnd !== null) {
      if (line.includes(mathEnd)) mathEnd = null
      continue
    }
    const marker = FENCE.exec(line)?.[1]
    if (fence === null) {
      fence = marker ?? null
      mathEnd = fence === null ? (MATH.find(({ begin }) => begin.test(line))?.end ?? null) : null
      isWhole ||= fence === null && DEFINITION.test(line)
    } else if (marker?.startsWith(fence) && line.trim() === marker) fence = null
  }
  close()
  return { blocks, isWhole }
}

/** A copy. A part of a string keeps the whole alive, here each state of an answer as it grew. */
const detached = (text: string): string => JSON.parse(JSON.stringify(text)) as string

/** The blocks of one text that grows: what is final is not split again, and keeps its strings. */
export class GrowingBlocks {
  #final: readonly Block[] = []
  /** Where the blocks begin that are not final. */
  #end = 0
  /** The text in which a footnote or a reference was seen first. */
  #whole: string | null = null

  blocksOf(text: string): string[] {
    if (!this.#isContinued(text)) {
      this.#final = []
      this.#end = 0
      this.#whole = null
    }
    if (this.#whole !== null) return [text.trimEnd()]
    const { blocks, isWhole } = splitFrom(text, this.#end)
    if (isWhole) {
      this.#whole = text
      return [text.trimEnd()]
    }
    const all = [...this.#final, ...blocks]
    // A line that has not ended may still belong to the block before it.
    const last = blocks.at(-1)
    const finalCount = blocks.length - (last && text.includes('\n', last.start) ? 1 : 2)
    if (finalCount > 0) {
      this.#final = [...this.#final, ...blocks.slice(0, finalCount)]
      this.#end = blocks[finalCount]?.start ?? this.#end
    }
    return all.map((block) => block.text)
  }

  #isContinued(text: string): boolean {
    if (this.#whole !== null) return text.startsWith(this.#whole)
    return this.#end <= text.length && this.#final.every((block) => text.startsWith(block.text, block.start))
  }
}
