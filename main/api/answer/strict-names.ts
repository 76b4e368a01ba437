/** The tools whose calls must match their schema. */
export function strictNames(tools: readonly { readonly name: string; readonly strict?: boolean | null | undefined }[]): string[] {
  return tools.filter(({ strict }) => strict === true).map(({ name }) => name)
}
