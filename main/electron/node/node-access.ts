/** Where a node answers, and what it wants to be told first. */
export interface NodeAccess {
  readonly apiUrl: string
  /** null: it asks for none. */
  readonly apiToken: string | null
}

export const authorization = (apiToken: string | null): Record<string, string> =>
  apiToken === null ? {} : { authorization: `Bearer ${apiToken}` }
