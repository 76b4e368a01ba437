/** Fields of every answer and every chunk of it. */
export interface AnswerIdentity {
  readonly id: string
  /** Unix time in seconds. */
  readonly createdS: number
  readonly version: string
}

export function identityFields(
  identity: AnswerIdentity,
  model: string,
): { id: string; created: number; model: string; system_fingerprint: string } {
  return { id: identity.id, created: identity.createdS, model, system_fingerprint: `exo-${identity.version}` }
}
