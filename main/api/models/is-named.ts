/** Whether a client means this model: names differ in case, and Ollama's clients add a tag to those that have none. */
export function isNamed(model: { readonly modelId: string; readonly aliases: readonly string[] }, name: string): boolean {
  const asked = name.replace(/:latest$/, '').toLowerCase()
  return model.modelId.toLowerCase() === asked || model.aliases.some((alias) => alias.toLowerCase() === asked)
}
