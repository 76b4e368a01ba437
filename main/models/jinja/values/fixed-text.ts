/** More digits than any tie needs: a value half-way between two texts ends one digit after them. */
const MORE_DIGITS = 30

/** A number with that many digits after the point. Halves round to even, as in Python; `toFixed` rounds them up. */
export function fixedText(figure: number, precision: number): string {
  const text = figure.toFixed(precision)
  if (text.includes('e')) return `${BigInt(figure)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`
  const digits = Math.abs(figure).toFixed(Math.min(100, precision + MORE_DIGITS))
  const cut = digits.indexOf('.') + 1 + precision
  const isTie = /^50*$/.test(digits.slice(cut))
  if (!isTie) return text
  const down = digits.slice(0, cut).replace(/\.$/, '')
  return /[13579]$/.test(down) ? text : (figure < 0 ? '-' : '') + down
}
