/** Rows in the format of RFC 4180, without a final line break; null is an empty field. */
export function formatCsv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => row.map(formatField).join(',')).join('\n')
}

function formatField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
