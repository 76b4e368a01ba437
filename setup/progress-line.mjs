/**
 * Shows a piece of work as one line on stderr, with its duration.
 *
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgressLine(label, work) {
  const startMs = performance.now()
  const elapsed = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`
  const isTerminal = process.stderr.isTTY
  process.stderr.write(`exo: ${label} ... `)
  const ticker = isTerminal ? setInterval(() => process.stderr.write(`\r\u001b[2Kexo: ${label} ... ${elapsed()}`), 500) : undefined
  try {
    const result = await work()
    process.stderr.write(`${isTerminal ? `\r\u001b[2Kexo: ${label} ... ` : ''}${elapsed()}\n`)
    return result
  } catch (error) {
    process.stderr.write(`failed after ${elapsed()}\n`)
    throw error
  } finally {
    clearInterval(ticker)
  }
}
