import { dictOf } from './values/collection-methods.ts'
import { JinjaError } from './values/jinja-error.ts'
import { parseTemplate } from './syntax/parse-template.ts'
import { pythonText } from './values/python-text.ts'
import { type Arguments, figureOf, fromJson, isNumber, PyFunction, PyNamespace, type PyObject } from './values/python-value.ts'
import { PyRange } from './values/python-range.ts'
import { Rendering } from './render-body.ts'
import { Scope } from './scope.ts'
import { strftime } from './strftime.ts'
import { withWorkBudget } from './values/work-budget.ts'

/** A template that renders like Jinja2 in Python, with the settings of Transformers. */
export interface CompiledTemplate {
  /** @throws JinjaError if the template raises an error or cannot be rendered */
  render(variables: Readonly<Record<string, unknown>>): string
}

const MOST_RANGE = 100_000
/** Far more than any model's template has. */
const MOST_SOURCE = 1 << 20
const MOST_MESSAGE = 4_000

function range(args: Arguments): PyRange {
  const figures = args.map((arg) => {
    if (!isNumber(arg)) throw new JinjaError('range() wants ints')
    return Math.trunc(figureOf(arg))
  })
  const [start = 0, stop = 0, step = 1] = figures.length === 1 ? [0, figures[0]] : figures
  if (step === 0) throw new JinjaError('range() arg 3 must not be zero')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (length > MOST_RANGE) throw new JinjaError(`Range too big. The sandbox blocks ranges larger than ${MOST_RANGE}.`)
  return new PyRange(start, step, length, stop)
}

function namespace(args: Arguments, keywords: ReadonlyMap<string, unknown>): PyNamespace {
  const made = new PyNamespace()
  for (const [name, value] of dictOf(args[0] ?? [], keywords)) made.members.set(name, value)
  return made
}

function joiner(args: Arguments): PyFunction {
  let isUsed = false
  return new PyFunction('joiner', () => {
    const text = isUsed ? (args[0] ?? ', ') : ''
    isUsed = true
    return text
  })
}

function cycler(items: Arguments): PyObject {
  let at = 0
  const step = (): unknown => items[at++ % items.length]
  return {
    typeName: 'Cycler',
    member: (name) => {
      if (name === 'current') return items[at % items.length]
      if (name === 'next') return new PyFunction('next', step)
      return name === 'reset' ? new PyFunction('reset', () => ((at = 0), null)) : undefined
    },
  }
}

function globals(now: () => Date): Scope {
  const scope = new Scope(null)
  const functions: Readonly<Record<string, PyFunction['call']>> = {
    range: (args) => range(args),
    dict: (args, keywords) => dictOf(args[0] ?? [], keywords),
    namespace,
    joiner: (args) => joiner(args),
    cycler: (args) => cycler(args),
    raise_exception: (args) => {
      throw new JinjaError(pythonText(args[0]).slice(0, MOST_MESSAGE))
    },
    strftime_now: (args) => strftime(pythonText(args[0]), now()),
  }
  for (const [name, call] of Object.entries(functions)) scope.set(name, new PyFunction(name, call))
  return scope
}

/**
 * @param now - the current time, which templates may read
 * @throws JinjaError if the source is not a valid template
 */
export function compileTemplate(source: string, now: () => Date): CompiledTemplate {
  if (source.length > MOST_SOURCE) throw new JinjaError(`A template has at most ${MOST_SOURCE} characters.`)
  const parsed = withWorkBudget(() => parseTemplate(source))
  return {
    render: (variables) =>
      withWorkBudget(() => {
        const scope = new Scope(globals(now))
        for (const [name, value] of Object.entries(variables)) scope.set(name, fromJson(value))
        return new Rendering(parsed, scope).render()
      }),
  }
}
