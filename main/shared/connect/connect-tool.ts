import type { JsonObject } from '../formats/json-value.ts'

/**
 * How a tool is pointed at a node. Texts contain placeholders: `{root}` the node's address, `{base}` the same with `/v1`,
 * `{key}`, `{model}`, `{context}` in tokens, and for a started tool `{folder}`, a temporary folder, and `{file}` in it.
 */
export interface ConnectTool {
  readonly id: string
  readonly name: string
  /** The program that is started. */
  readonly command: string
  readonly install: string
  /** The API that it calls. */
  readonly api: 'chat' | 'responses' | 'messages'
  readonly needsTools: boolean
  /** What the tool sends before the user's first message, and room for work. */
  readonly minContextTokens: number
  readonly environment: Readonly<Record<string, string>>
  /** Arguments before those of the user. */
  readonly arguments: readonly string[]
  /** The arguments of a user who gives none. */
  readonly defaultArguments?: readonly string[]
  /** A configuration for one start, written to the temporary folder. */
  readonly file?: { readonly name: string; readonly content: JsonObject }
  /** Arguments of a first run of the program, which configures the temporary folder. */
  readonly prepare?: readonly string[]
  /** What makes the settings permanent in the user's own configuration. */
  readonly permanent: PermanentSettings | null
}

/** `json` and `yaml` are merged into the file; `block` and `env` are lines of their own in it. `path` is relative to the home folder. */
export type PermanentSettings =
  | { readonly format: 'json' | 'yaml'; readonly path: string; readonly content: JsonObject; readonly note?: string }
  | { readonly format: 'block'; readonly path: string; readonly lines: readonly string[]; readonly note?: string }

export interface ConnectTarget {
  readonly root: string
  readonly key: string
  readonly model: string
  readonly contextTokens: number | null
  readonly folder?: string
  readonly file?: string
}
