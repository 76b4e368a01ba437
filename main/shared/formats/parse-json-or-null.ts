/** The value of a JSON text; null if it is not JSON. */
export function parseJsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller's schema refuses null
  }
}
