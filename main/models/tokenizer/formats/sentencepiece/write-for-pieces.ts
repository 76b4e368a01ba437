import type { CharsMap } from './chars-map.ts'
import type { SentencePieceModel } from './sentencepiece-model.ts'

const UNDERLINE = '▁'

type Rules = Pick<SentencePieceModel, 'addsPrefix' | 'removesExtraSpaces' | 'escapesSpaces' | 'isSpaceSuffix'>

/**
 * Normalizes a text like SentencePiece before it is split into pieces.
 * @param symbolAt - the length of the user-defined symbol at a position, which is not normalized; 0: none
 */
export function writeForPieces(text: string, rules: Rules, charsMap: CharsMap, symbolAt: (text: string, at: number) => number): string {
  const prefixAt = (at: number) => {
    const length = symbolAt(text, at)
    return length > 0 ? { text: text.slice(at, at + length), length } : charsMap.prefixAt(text, at)
  }
  const space = rules.escapesSpaces ? UNDERLINE : ' '
  let at = 0
  while (rules.removesExtraSpaces && at < text.length) {
    const prefix = prefixAt(at)
    if (prefix.text !== ' ') break
    at += prefix.length
  }
  if (at >= text.length) return ''
  const parts: string[] = rules.addsPrefix && !rules.isSpaceSuffix ? [space] : []
  let isAfterSpace = rules.removesExtraSpaces
  while (at < text.length) {
    const prefix = prefixAt(at)
    const part = isAfterSpace ? prefix.text.replace(/^ +/, '') : prefix.text
    if (part !== '') {
      parts.push(rules.escapesSpaces ? part.replaceAll(' ', UNDERLINE) : part)
      isAfterSpace = rules.removesExtraSpaces && part.endsWith(' ')
    }
    at += prefix.length
  }
  let written = parts.join('')
  while (rules.removesExtraSpaces && written.endsWith(space)) written = written.slice(0, -space.length)
  return rules.addsPrefix && rules.isSpaceSuffix ? written + space : written
}
