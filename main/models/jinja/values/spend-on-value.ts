import { PyTuple, PyView } from './python-value.ts'
import { spend, spendOnText } from './work-budget.ts'

/** Counts the work for a value that a filter, a call or a slice has made. */
export function spendOnValue(value: unknown): void {
  if (typeof value === 'string') spendOnText(value)
  else if (Array.isArray(value)) spend(2 * value.length)
  else if (value instanceof PyTuple || value instanceof PyView) spend(2 * value.items.length)
  else if (value instanceof Map) spend(4 * value.size)
}
