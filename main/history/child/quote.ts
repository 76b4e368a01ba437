/** A text as a SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
