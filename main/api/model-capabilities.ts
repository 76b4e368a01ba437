/** In Ollama's words; every model here generates text and is told of tools. */
export function modelCapabilities(): string[] {
  return ['completion', 'tools']
}
