const LEAST_CONTEXT = 2048

/** The context lengths to choose from: powers of two below the model's own, and that. */
export function contextChoices(ownTokens: number): number[] {
  const choices: number[] = []
  for (let tokens = LEAST_CONTEXT; tokens < ownTokens; tokens *= 2) choices.push(tokens)
  return [...choices, ownTokens]
}
