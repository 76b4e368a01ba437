/** The tools whose calls have to fit their schema. */
export function strictNames(tools: readonly { readonly name: string; readonly strict?: boolean | null | undefined }[]): string[] {
  return tools.filter(({ strict }) => strict === true).map(({ name }) => name)
}
