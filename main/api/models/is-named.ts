/** Whether a name refers to this model: case is ignored, and Ollama's clients add a tag to names without one. */
export function isNamed(model: { readonly modelId: string; readonly aliases: readonly string[] }, name: string): boolean {
  const asked = name.replace(/:latest$/, '').toLowerCase()
  return model.modelId.toLowerCase() === asked || model.aliases.some((alias) => alias.toLowerCase() === asked)
}
