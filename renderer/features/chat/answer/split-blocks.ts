const FENCE = /^ {0,3}(`{3,}|~{3,})/
const LIST_ITEM = /^\s*([-*+]|\d{1,9}[.)])\s/
const INDENTED = /^\s+\S/

/**
 * Splits markdown where a block is final, so that only the last one is parsed again while an answer grows. Lists and
 * fenced code stay whole.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = []
  let block: string[] = []
  let fence: string | null = null
  let isAfterBlank = false
  const isContinued = (line: string): boolean => INDENTED.test(line) || (LIST_ITEM.test(line) && LIST_ITEM.test(block[0] ?? ''))
  for (const line of text.split('\n')) {
    const isBlank = line.trim() === ''
    if (isAfterBlank && !isBlank && fence === null && !isContinued(line)) {
      blocks.push(block.join('\n').trimEnd())
      block = []
    }
    isAfterBlank = isBlank
    if (!isBlank || block.length > 0) block.push(line)
    const marker = FENCE.exec(line)?.[1]
    if (fence === null) fence = marker ?? null
    else if (marker !== undefined && marker.startsWith(fence) && line.trim() === marker) fence = null
  }
  blocks.push(block.join('\n').trimEnd())
  return blocks.filter((entry) => entry !== '')
}
