export type Expression =
  | { readonly type: 'constant'; readonly value: unknown }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple' | 'concat'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }
  | { readonly type: 'member'; readonly object: Expression; readonly name: string }
  | { readonly type: 'item'; readonly object: Expression; readonly key: Expression }
  | { readonly type: 'slice'; readonly start: Expression | null; readonly stop: Expression | null; readonly step: Expression | null }
  | { readonly type: 'call'; readonly callee: Expression; readonly given: Given }
  | { readonly type: 'filter' | 'test'; readonly name: string; readonly object: Expression; readonly given: Given }
  | { readonly type: 'unary'; readonly operator: 'not' | '-' | '+'; readonly operand: Expression }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'compare'; readonly first: Expression; readonly rest: readonly (readonly [operator: string, operand: Expression])[] }
  | { readonly type: 'condition'; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression | null }

/** The arguments of a call; `spread` holds those after `*` and `**`. */
export interface Given {
  readonly args: readonly Expression[]
  readonly keywords: readonly (readonly [name: string, value: Expression])[]
  readonly spread: Expression | null
  readonly spreadKeywords: Expression | null
}

export type Target =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'tuple'; readonly items: readonly Target[] }
  | { readonly type: 'member'; readonly object: string; readonly name: string }

/** Parameter names and defaults of a macro. */
export interface Signature {
  readonly name: string
  readonly parameters: readonly { readonly name: string; readonly preset: Expression | null }[]
}

export type Statement =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'output'; readonly value: Expression }
  | { readonly type: 'if'; readonly branches: readonly (readonly [test: Expression, body: Body])[]; readonly otherwise: Body }
  | {
      readonly type: 'for'
      readonly target: Target
      readonly items: Expression
      readonly test: Expression | null
      readonly body: Body
      readonly otherwise: Body
      readonly isRecursive: boolean
    }
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression }
  | { readonly type: 'set-block'; readonly target: Target; readonly filter: Expression | null; readonly body: Body }
  | { readonly type: 'macro'; readonly signature: Signature; readonly body: Body }
  | { readonly type: 'call'; readonly call: Expression; readonly signature: Signature; readonly body: Body }
  | { readonly type: 'filter'; readonly filter: Expression; readonly body: Body }
  | { readonly type: 'with'; readonly values: readonly (readonly [target: Target, value: Expression])[]; readonly body: Body }
  /** A named part, which other templates would replace. It sees the variables of the whole template, or those around it if scoped. */
  | { readonly type: 'block'; readonly name: string; readonly isScoped: boolean; readonly body: Body }
  | { readonly type: 'do'; readonly value: Expression }
  | { readonly type: 'break' | 'continue' }

export type Body = readonly Statement[]

/** Placeholder in a filter for the text of its block. */
export const BLOCK_TEXT = '\0text'
