/** An expression with one value: in parentheses, between spaces, or after a pipe. */
export type Operand =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null }
  /** `.A.B`; without names: the dot itself. */
  | { readonly type: 'field'; readonly names: readonly string[] }
  /** `$x.A`; the name `` is the root. */
  | { readonly type: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline; readonly names: readonly string[] }

/** Commands, each of which receives the value of the previous one as its last argument; each is a list of operands. */
export type Pipeline = readonly (readonly Operand[])[]

export interface Declaration {
  readonly names: readonly string[]
  readonly isNew: boolean
}

export type GoNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly declaration: Declaration | null; readonly pipeline: Pipeline }
  | {
      readonly type: 'if' | 'with' | 'range'
      readonly declaration: Declaration | null
      readonly pipeline: Pipeline
      readonly body: readonly GoNode[]
      readonly otherwise: readonly GoNode[]
    }
  | { readonly type: 'break' }
  | { readonly type: 'continue' }
