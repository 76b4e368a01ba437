export interface PromptVariables {
  /** The time of the question, in milliseconds since 1970. */
  readonly atMs: number
  readonly modelId: string
}

/**
 * Fills in `{{date}}`, `{{time}}` (of the system's time zone) and `{{model}}`. All else between braces stays, as it may
 * be an example for the model.
 */
export function fillVariables(prompt: string, { atMs, modelId }: PromptVariables): string {
  const values: Readonly<Record<string, () => string>> = {
    date: () => new Intl.DateTimeFormat('en', { dateStyle: 'full' }).format(atMs),
    time: () => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(atMs),
    model: () => modelId,
  }
  return prompt.replace(/\{\{\s*(date|time|model)\s*\}\}/gi, (found, name: string) => values[name.toLowerCase()]?.() ?? found)
}
