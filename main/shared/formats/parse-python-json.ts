/** A text, or one of the words that Python's json writes for numbers that JSON does not have. */
const TEXT_OR_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g

/**
 * JSON as Python writes it: `Infinity` and `-Infinity` are numbers beyond all others, `NaN` is null. A byte order mark is left out.
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
