import { callValue, evaluate } from './evaluate.ts'
import { JinjaError } from './values/jinja-error.ts'
import { LoopContext } from './loop-context.ts'
import { pythonText } from './values/python-text.ts'
import {
  type Arguments,
  isTrue,
  itemsOf,
  type Keywords,
  PyFunction,
  PyNamespace,
  type PyObject,
  PyTuple,
  PyUndefined,
} from './values/python-value.ts'
import { Scope } from './scope.ts'
import { spend } from './values/work-budget.ts'
import type { ParsedTemplate } from './syntax/parse-template.ts'
import { BLOCK_TEXT, type Body, type Expression, type Signature, type Statement, type Target } from './syntax/syntax.ts'

/** Limits for templates that would otherwise run or write without end. */
const MOST_STEPS = 5_000_000
const MOST_CHARACTERS = 1 << 26
const MOST_LEVELS = 150

type Signal = 'break' | 'continue' | null

/** One rendering of a template. */
export class Rendering {
  private parts: string[] = []
  private steps = 0
  private characters = 0
  private level = 0

  private readonly template: ParsedTemplate
  private readonly top: Scope

  constructor(template: ParsedTemplate, top: Scope) {
    this.template = template
    this.top = top
    if (template.blocks.size > 0) top.set('self', this.self())
  }

  render(): string {
    return this.captured(() => this.body(this.template.body, this.top))
  }

  /** The blocks as functions that render them. */
  private self(): PyObject {
    const { blocks } = this.template
    return {
      typeName: 'TemplateReference',
      member: (name) => {
        const block = blocks.get(name)
        return block && new PyFunction(name, () => this.captured(() => this.body(block, new Scope(this.top))))
      },
    }
  }

  private write(text: string): void {
    this.characters += text.length
    if (this.characters > MOST_CHARACTERS) throw new JinjaError('The template writes too much.')
    this.parts.push(text)
  }

  private step(): void {
    spend(1)
    this.steps += 1
    if (this.steps > MOST_STEPS) throw new JinjaError('The template takes too many steps.')
  }

  /** Captures the output of `work` instead of writing it. */
  private captured(work: () => unknown): string {
    const outer = this.parts
    this.parts = []
    this.level += 1
    if (this.level > MOST_LEVELS) throw new JinjaError('Macros or loops call themselves too deeply.')
    try {
      work()
      return this.parts.join('')
    } finally {
      this.parts = outer
      this.level -= 1
    }
  }

  private body(body: Body, scope: Scope): Signal {
    for (const statement of body) {
      this.step()
      const signal = this.statement(statement, scope)
      if (signal !== null) return signal
    }
    return null
  }

  private statement(statement: Statement, scope: Scope): Signal {
    switch (statement.type) {
      case 'text':
        this.write(statement.text)
        return null
      case 'output':
        this.write(pythonText(evaluate(statement.value, scope)))
        return null
      case 'if': {
        const branch = statement.branches.find(([test]) => isTrue(evaluate(test, scope)))
        return this.body(branch ? branch[1] : statement.otherwise, scope)
      }
      case 'for':
        this.loop(statement, evaluate(statement.items, scope), scope, 0)
        return null
      case 'set':
        this.assign(statement.target, evaluate(statement.value, scope), scope)
        return null
      case 'set-block': {
        const text = this.captured(() => this.body(statement.body, new Scope(scope)))
        this.assign(statement.target, statement.filter ? this.filtered(statement.filter, text, scope) : text, scope)
        return null
      }
      case 'macro':
        scope.set(statement.signature.name, this.macro(statement.signature, statement.body, scope))
        return null
      case 'call':
        this.write(pythonText(this.callWithCaller(statement.call, this.macro(statement.signature, statement.body, scope), scope)))
        return null
      case 'filter':
        this.write(
          pythonText(
            this.filtered(
              statement.filter,
              this.captured(() => this.body(statement.body, new Scope(scope))),
              scope,
            ),
          ),
        )
        return null
      case 'with': {
        const inner = new Scope(scope)
        for (const [target, value] of statement.values) this.assign(target, evaluate(value, scope), inner)
        return this.body(statement.body, inner)
      }
      case 'block':
        return this.body(statement.body, new Scope(statement.isScoped ? scope : this.top))
      case 'do':
        evaluate(statement.value, scope)
        return null
      case 'break':
      case 'continue':
        return statement.type
    }
  }

  private filtered(filter: Expression, text: string, scope: Scope): unknown {
    const inner = new Scope(scope)
    inner.set(BLOCK_TEXT, text)
    return evaluate(filter, inner)
  }

  private loop(statement: Extract<Statement, { type: 'for' }>, given: unknown, scope: Scope, depth0: number): void {
    const { target, test, body, otherwise, isRecursive } = statement
    const passes = (item: unknown): boolean => {
      if (test === null) return true
      const inner = new Scope(scope)
      this.assign(target, item, inner)
      return isTrue(evaluate(test, inner))
    }
    // The loop sees changes that its body makes to the list, as in Python.
    const items = Array.isArray(given) && test === null ? (given as unknown[]) : itemsOf(given).filter(passes)
    const recurse = isRecursive ? (inner: unknown): string => this.captured(() => this.loop(statement, inner, scope, depth0 + 1)) : null
    const loop = new LoopContext(items, depth0, recurse)
    let hasCompleted = false
    for (let at = 0; at < items.length; at += 1) {
      this.step()
      loop.index0 = at
      const inner = new Scope(scope)
      inner.set('loop', loop)
      this.assign(target, items[at], inner)
      const signal = this.body(body, inner)
      if (signal === 'break') break
      hasCompleted ||= signal === null
    }
    // Jinja2 takes a loop without a body that ran to its end for an empty one.
    if (!hasCompleted) this.body(otherwise, new Scope(scope))
  }

  private assign(target: Target, value: unknown, scope: Scope): void {
    if (target.type === 'name') scope.set(target.name, value)
    else if (target.type === 'member') {
      const object = scope.get(target.object)
      if (!(object instanceof PyNamespace)) throw new JinjaError('cannot assign attribute on non-namespace object')
      object.members.set(target.name, value)
    } else {
      const items = itemsOf(value)
      if (items.length !== target.items.length)
        throw new JinjaError(
          `${items.length < target.items.length ? 'not enough' : 'too many'} values to unpack (expected ${target.items.length})`,
        )
      for (const [at, inner] of target.items.entries()) this.assign(inner, items[at], scope)
    }
  }

  private macro({ name, parameters }: Signature, body: Body, scope: Scope): PyFunction {
    const call = (args: Arguments, keywords: Keywords): string => {
      const inner = new Scope(scope)
      for (const [at, parameter] of parameters.entries()) {
        if (at < args.length) inner.set(parameter.name, args[at])
        else if (keywords.has(parameter.name)) inner.set(parameter.name, keywords.get(parameter.name))
        else
          inner.set(
            parameter.name,
            parameter.preset ? evaluate(parameter.preset, inner) : new PyUndefined(`parameter '${parameter.name}' was not provided`),
          )
      }
      inner.set('varargs', new PyTuple(args.slice(parameters.length)))
      inner.set(
        'kwargs',
        new Map([...keywords].filter(([keyword]) => keyword !== 'caller' && !parameters.some((parameter) => parameter.name === keyword))),
      )
      inner.set('caller', keywords.get('caller') ?? new PyUndefined('No caller defined'))
      return this.captured(() => this.body(body, inner))
    }
    return new PyFunction(
      name,
      call,
      new Map<string, unknown>([
        ['name', name],
        ['arguments', new PyTuple(parameters.map((parameter) => parameter.name))],
      ]),
    )
  }

  private callWithCaller(expression: Expression, caller: PyFunction, scope: Scope): unknown {
    if (expression.type !== 'call') throw new JinjaError('expected call')
    const callee = evaluate(expression.callee, scope)
    const args = expression.given.args.map((arg) => evaluate(arg, scope))
    const keywords = new Map<string, unknown>(expression.given.keywords.map(([name, value]) => [name, evaluate(value, scope)]))
    return callValue(callee, args, keywords.set('caller', caller))
  }
}
