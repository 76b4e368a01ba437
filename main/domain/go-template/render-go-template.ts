import { AppError } from '../../shared/app-error.ts'
import { GO_FUNCTIONS, isGoTrue, print, unknownFunction } from './go-functions.ts'
import type { Declaration, GoNode, Operand, Pipeline } from './go-template-node.ts'

/** Maximum number of steps per text, which stops nested loops. */
const MOST_STEPS = 200_000
const MOST_CHARACTERS = 16 * 2 ** 20

export interface RenderOptions {
  /** The text ends at the first action that prints a field of this name. */
  readonly endsAt?: string
}

class Leaving extends Error {
  readonly how: 'break' | 'continue' | 'end'

  constructor(how: 'break' | 'continue' | 'end') {
    super(how)
    this.how = how
  }
}

class Renderer {
  readonly output: string[] = []
  #steps = 0
  #characters = 0
  readonly #root: unknown
  readonly #options: RenderOptions

  constructor(root: unknown, options: RenderOptions) {
    this.#root = root
    this.#options = options
  }

  render(nodes: readonly GoNode[], dot: unknown, scope: Map<string, unknown>[]): void {
    for (const node of nodes) {
      this.#step()
      if (node.type === 'text') this.#write(node.text)
      else if (node.type === 'break' || node.type === 'continue') throw new Leaving(node.type)
      else if (node.type === 'action') {
        const value = this.#pipeline(node.pipeline, dot, scope)
        if (node.declaration) this.#declare(node.declaration, [value], scope)
        else this.#write(print(value))
        if (this.#options.endsAt !== undefined && mentions(node.pipeline, this.#options.endsAt)) throw new Leaving('end')
      } else this.#block(node, dot, scope)
    }
  }

  #block(node: Extract<GoNode, { type: 'if' | 'with' | 'range' }>, dot: unknown, scope: Map<string, unknown>[]): void {
    const inner = [...scope, new Map<string, unknown>()]
    const value = this.#pipeline(node.pipeline, dot, scope)
    if (node.type === 'range') return this.#range(node, value, dot, inner)
    if (node.declaration) this.#declare(node.declaration, [value], inner)
    if (isGoTrue(value)) this.render(node.body, node.type === 'with' ? value : dot, inner)
    else this.render(node.otherwise, dot, inner)
  }

  #range(
    { declaration, body, otherwise }: Extract<GoNode, { type: 'if' | 'with' | 'range' }>,
    value: unknown,
    dot: unknown,
    scope: Map<string, unknown>[],
  ): void {
    const entries: (readonly [unknown, unknown])[] = Array.isArray(value)
      ? [...(value as unknown[]).entries()]
      : typeof value === 'object' && value !== null
        ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
        : []
    if (entries.length === 0) return this.render(otherwise, dot, scope)
    for (const [key, item] of entries) {
      const inner = [...scope, new Map<string, unknown>()]
      if (declaration) this.#declare({ ...declaration, isNew: true }, declaration.names.length === 1 ? [item] : [key, item], inner)
      try {
        this.render(body, item, inner)
      } catch (leaving) {
        if (!(leaving instanceof Leaving) || leaving.how === 'end') throw leaving
        if (leaving.how === 'break') return
      }
    }
  }

  #declare({ names, isNew }: Declaration, values: readonly unknown[], scope: Map<string, unknown>[]): void {
    for (const [index, name] of names.entries()) {
      const owner = isNew ? scope.at(-1) : scope.findLast((variables) => variables.has(name))
      owner?.set(name, values[index])
    }
  }

  #pipeline(pipeline: Pipeline, dot: unknown, scope: Map<string, unknown>[]): unknown {
    let value: unknown
    for (const [index, command] of pipeline.entries()) value = this.#command(command, index === 0 ? [] : [value], dot, scope)
    return value
  }

  #command([first, ...rest]: readonly Operand[], piped: readonly unknown[], dot: unknown, scope: Map<string, unknown>[]): unknown {
    this.#step()
    if (first?.type !== 'function') return first ? this.#operand(first, dot, scope) : undefined
    const { name } = first
    if (name === 'and' || name === 'or') {
      let last: unknown
      for (const operand of rest) {
        last = this.#operand(operand, dot, scope)
        if (isGoTrue(last) === (name === 'or')) return last
      }
      return piped.length > 0 ? piped[0] : last
    }
    const call = Object.hasOwn(GO_FUNCTIONS, name) ? GO_FUNCTIONS[name] : undefined
    return (call ?? unknownFunction(name))(...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped)
  }

  #operand(operand: Operand, dot: unknown, scope: Map<string, unknown>[]): unknown {
    switch (operand.type) {
      case 'literal':
        return operand.value
      case 'field':
        return fieldOf(dot, operand.names)
      case 'variable':
        return fieldOf(
          operand.name === '' ? this.#root : scope.findLast((variables) => variables.has(operand.name))?.get(operand.name),
          operand.names,
        )
      case 'pipeline':
        return fieldOf(this.#pipeline(operand.pipeline, dot, scope), operand.names)
      case 'function':
        return this.#command([operand], [], dot, scope)
    }
  }

  #step(): void {
    if ((this.#steps += 1) > MOST_STEPS)
      throw new AppError('invalid-request', 'The template takes too many steps for these messages.', { param: 'template' })
  }

  #write(text: string): void {
    this.#characters += text.length
    if (this.#characters > MOST_CHARACTERS)
      throw new AppError('invalid-request', 'The template renders these messages to a text that is too long.', { param: 'template' })
    this.output.push(text)
  }
}

function fieldOf(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name) ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  )
}

/** Whether a pipeline reads a field, at any depth. */
export function mentions(pipeline: Pipeline, name: string): boolean {
  return pipeline.some((command) =>
    command.some(
      (operand) =>
        ('names' in operand && operand.names.includes(name)) || (operand.type === 'pipeline' && mentions(operand.pipeline, name)),
    ),
  )
}

/** @throws AppError `invalid-request` beyond the limits, or for an unknown function */
export function renderGoTemplate(nodes: readonly GoNode[], data: Readonly<Record<string, unknown>>, options: RenderOptions = {}): string {
  const renderer = new Renderer(data, options)
  try {
    renderer.render(nodes, data, [new Map<string, unknown>()])
  } catch (leaving) {
    if (!(leaving instanceof Leaving)) throw leaving
  }
  return renderer.output.join('')
}
