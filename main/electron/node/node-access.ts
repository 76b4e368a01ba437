/** The address and the token of a node. */
export interface NodeAccess {
  readonly apiUrl: string
  /** null: the node requires none. */
  readonly apiToken: string | null
}

export const authorization = (apiToken: string | null): Record<string, string> =>
  apiToken === null ? {} : { authorization: `Bearer ${apiToken}` }
