/** A speed that someone wants: `20 tok/s at 64k`. */
export interface Wish {
  readonly tokensPerSecond: number
  readonly contextTokens: number
}

const SPEED = /^\s*(\d+(?:[.,]\d+)?)\s*(?:t|tok|tokens?)?\s*(?:\/|per)?\s*(?:s|sec|seconds?)?\s*$/i
const LENGTH = /^\s*(\d+(?:[.,]\d+)?)\s*(k|ki)?\s*(?:tokens?)?(?: of context)?\s*$/i

/** @returns null if the text is no such wish; without a length, the context is short */
export function parseWish(text: string): Wish | null {
  const [speedText = '', lengthText = '0', ...others] = text.split(/\s(?:at|with)\s|@/i)
  const [speed, length] = [SPEED.exec(speedText), LENGTH.exec(lengthText)]
  if (!speed || !length || others.length > 0) return null
  const number = (digits = '0'): number => Number(digits.replace(',', '.'))
  const tokensPerSecond = number(speed[1])
  const contextTokens = Math.round(number(length[1]) * (length[2] === undefined ? 1 : 1024))
  return tokensPerSecond > 0 && tokensPerSecond <= 1e6 && contextTokens <= 1e8 ? { tokensPerSecond, contextTokens } : null
}
