import { JinjaError } from './jinja-error.ts'

/** Enough for the longest chats. A template from a stranger spends it within seconds, and in less than a gigabyte. */
const MOST_WORK = 1 << 25
const MOST_TEXT = 1 << 26

let work = 0

/**
 * Gives one rendering, which is synchronous, a new budget.
 *
 * @throws JinjaError also for recursion, texts and arrays beyond the limits of the JavaScript engine
 */
export function withWorkBudget<Result>(render: () => Result): Result {
  work = 0
  try {
    return render()
  } catch (error) {
    if (error instanceof RangeError) throw new JinjaError('The template is nested too deeply or makes a value that is too large.')
    throw error
  }
}

/** Counts work before it is done. One unit takes some ten nanoseconds or eight bytes. */
export function spend(units: number): void {
  work += units
  if (!(work <= MOST_WORK)) throw new JinjaError('The template takes too much work.')
}

export function spendOnText(text: string): void {
  spend(1 + (text.length >> 2))
}

/** Joins texts whose sum may be far larger than each of them. */
export function joinTexts(texts: readonly string[], separator: string): string {
  spend((texts.reduce((sum, text) => sum + text.length, 0) + separator.length * texts.length) / 4)
  return texts.join(separator)
}

/** Adding texts copies neither, so only the result's length is limited. */
export function addTexts(left: string, right: string): string {
  if (left.length + right.length > MOST_TEXT) throw new JinjaError('A template makes a text that is too long.')
  return left + right
}
