export type JsonRecord = Record<string, unknown>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The records in a list; other elements are left out. */
export function recordsOf(value: unknown): JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** JSON text of arguments or of a result, whichever way a client wrote them. */
export function jsonText(value: unknown, whenMissing: string): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? whenMissing : JSON.stringify(value)
}
