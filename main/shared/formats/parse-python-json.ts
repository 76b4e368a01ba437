/** A text, or one of the words that Python's json writes for numbers outside JSON. */
const TEXT_OR_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g

/**
 * Parses JSON as written by Python: `Infinity` and `-Infinity` become numbers beyond the range, `NaN` becomes null. A
 * byte order mark is ignored.
 *
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    return JSON.parse(json)
  } catch (error) {
    const spelled = json.replace(TEXT_OR_WORD, (found) =>
      found === 'NaN' ? 'null' : found.startsWith('"') ? found : found.startsWith('-') ? '-1e999' : '1e999',
    )
    if (spelled === json) throw error
    return JSON.parse(spelled)
  }
}
