import { ownValue } from '../../shared/own-value.ts'
import { GivenArguments } from './values/arguments.ts'
import type { Filter, FilterSurroundings } from './filters/filter-surroundings.ts'
import { JinjaError } from './values/jinja-error.ts'
import { LIST_FILTERS } from './filters/list-filters.ts'
import { checkDefined, itemOf, memberOf, sliceOf } from './values/members.ts'
import { compares, operate } from './values/operate.ts'
import { pythonText } from './values/python-text.ts'
import {
  type Arguments,
  figureOf,
  isNumber,
  isPyObject,
  isTrue,
  itemsOf,
  type Keywords,
  keyOf,
  PyFloat,
  PyFunction,
  PyTuple,
  PyUndefined,
  typeName,
} from './values/python-value.ts'
import type { Scope } from './scope.ts'
import type { Expression, Given } from './syntax/syntax.ts'
import { TESTS } from './filters/tests.ts'
import { escapedHtml } from './values/escaped-html.ts'
import { spendOnValue } from './values/spend-on-value.ts'
import { addTexts, joinTexts, spend, spendOnText } from './values/work-budget.ts'
import { TEXT_FILTERS } from './filters/text-filters.ts'

const NO_KEYWORDS: Keywords = new Map()
/** The work to evaluate an expression, without that of its parts. */
const EXPRESSION_WORK = 8
const FILTER_ALIASES: Readonly<Record<string, string>> = { d: 'default', e: 'escape' }

function filterNamed(name: string): Filter | undefined {
  const known = ownValue(FILTER_ALIASES, name) ?? name
  return ownValue(TEXT_FILTERS, known) ?? ownValue(LIST_FILTERS, known)
}

const SURROUNDINGS: FilterSurroundings = {
  filter: (name, value, args, keywords) => applyFilter(name, value, args, keywords),
  test: (name, value, args) => applyTest(name, value, args, NO_KEYWORDS),
}

function applyFilter(name: string, value: unknown, args: Arguments, keywords: Keywords): unknown {
  const filter = filterNamed(name)
  if (!filter) throw new JinjaError(`No filter named '${name}'.`)
  if (typeof value === 'string') spendOnText(value)
  const result = filter(value, new GivenArguments(name, args, keywords), SURROUNDINGS)
  spendOnValue(result)
  return result
}

function applyTest(name: string, value: unknown, args: Arguments, keywords: Keywords): boolean {
  if (name === 'filter') return typeof value === 'string' && filterNamed(value) !== undefined
  if (name === 'test') return typeof value === 'string' && Object.hasOwn(TESTS, value)
  const test = ownValue(TESTS, name)
  if (!test) throw new JinjaError(`No test named '${name}'.`)
  spend(1)
  return test(value, new GivenArguments(name, args, keywords))
}

export function callValue(callee: unknown, args: Arguments, keywords: Keywords): unknown {
  if (callee instanceof PyFunction) {
    const result = callee.call(args, keywords)
    spendOnValue(result)
    return result
  }
  const call = isPyObject(callee) ? callee.member('__call__') : null
  if (call instanceof PyFunction) return call.call(args, keywords)
  checkDefined(callee)
  throw new JinjaError(`'${typeName(callee)}' object is not callable`)
}

/** A text that is safe as HTML. A text that is added to it is escaped. */
class PyMarkup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Filters whose text is safe: which of them escape it. */
const MARKING: Readonly<Record<string, 'never' | 'once' | 'always'>> = { safe: 'never', e: 'once', escape: 'once', forceescape: 'always' }

/** The value of an expression. */
export function evaluate(expression: Expression, scope: Scope): unknown {
  const value = evaluateMarked(expression, scope)
  return value instanceof PyMarkup ? value.text : value
}

/** The result of one of the filters that mark a text as safe. */
function markedText(value: unknown, name: string): PyMarkup {
  if (value instanceof PyMarkup) return MARKING[name] === 'always' ? new PyMarkup(escapedHtml(value.text)) : value
  const text = pythonText(value)
  return new PyMarkup(MARKING[name] === 'never' ? text : escapedHtml(text))
}

function sumOfMarked(left: unknown, right: unknown): unknown {
  if (!(left instanceof PyMarkup) && !(right instanceof PyMarkup)) return operate('+', left, right)
  const safe = (value: unknown): string => (value instanceof PyMarkup ? value.text : escapedHtml(pythonText(operate('+', '', value))))
  return new PyMarkup(addTexts(safe(left), safe(right)))
}

function evaluateMarked(expression: Expression, scope: Scope): unknown {
  const of = (inner: Expression): unknown => evaluate(inner, scope)
  spend(EXPRESSION_WORK)
  switch (expression.type) {
    case 'constant':
      return expression.value
    case 'name':
      return scope.get(expression.name)
    case 'list':
      return expression.items.map(of)
    case 'tuple':
      return new PyTuple(expression.items.map(of))
    case 'concat':
      return joinTexts(
        expression.items.map((item) => pythonText(of(item))),
        '',
      )
    case 'dict':
      return new Map(expression.entries.map(([key, value]) => [keyOf(of(key)), of(value)]))
    case 'member':
      return memberOf(of(expression.object), expression.name)
    case 'item': {
      const { key } = expression
      const object = of(expression.object)
      if (key.type !== 'slice') return itemOf(object, of(key))
      const [start, stop, step] = [key.start, key.stop, key.step].map((part) => (part === null ? null : of(part)))
      if (typeof object === 'string') spendOnText(object)
      const part = sliceOf(object, start, stop, step)
      spendOnValue(part)
      return part
    }
    case 'slice':
      throw new JinjaError('A slice is allowed only in brackets.')
    case 'call': {
      const callee = of(expression.callee)
      return callValue(callee, ...argumentsOf(expression.given, scope))
    }
    case 'filter': {
      if (ownValue(MARKING, expression.name) !== undefined) return markedText(evaluateMarked(expression.object, scope), expression.name)
      const value = of(expression.object)
      return applyFilter(expression.name, value, ...argumentsOf(expression.given, scope))
    }
    case 'test': {
      if (expression.name === 'escaped') return evaluateMarked(expression.object, scope) instanceof PyMarkup
      const value = of(expression.object)
      return applyTest(expression.name, value, ...argumentsOf(expression.given, scope))
    }
    case 'unary':
      return unary(expression.operator, of(expression.operand))
    case 'binary': {
      if (expression.operator === '+') return sumOfMarked(evaluateMarked(expression.left, scope), evaluateMarked(expression.right, scope))
      const left = of(expression.left)
      if (expression.operator === 'and') return isTrue(left) ? of(expression.right) : left
      if (expression.operator === 'or') return isTrue(left) ? left : of(expression.right)
      return operate(expression.operator, left, of(expression.right))
    }
    case 'compare': {
      let left = of(expression.first)
      for (const [operator, operand] of expression.rest) {
        const right = of(operand)
        if (!compares(operator, left, right)) return false
        left = right
      }
      return true
    }
    case 'condition':
      if (isTrue(of(expression.test))) return evaluateMarked(expression.then, scope)
      return expression.otherwise
        ? evaluateMarked(expression.otherwise, scope)
        : new PyUndefined('the inline if-expression evaluated to false and no else section was defined.')
  }
}

function unary(operator: 'not' | '-' | '+', operand: unknown): unknown {
  if (operator === 'not') return !isTrue(operand)
  if (!isNumber(operand)) throw new JinjaError(`bad operand type for unary ${operator}: '${typeName(operand)}'`)
  if (typeof operand === 'bigint') return operator === '-' ? -operand : operand
  const figure = operator === '-' ? -figureOf(operand) : figureOf(operand)
  return operand instanceof PyFloat ? new PyFloat(figure) : figure + 0
}

function argumentsOf({ args, keywords, spread, spreadKeywords }: Given, scope: Scope): [Arguments, Keywords] {
  if (args.length === 0 && keywords.length === 0 && !spread && !spreadKeywords) return [[], NO_KEYWORDS]
  const placed = args.map((arg) => evaluate(arg, scope))
  if (spread) placed.push(...itemsOf(evaluate(spread, scope)))
  const named = new Map(keywords.map(([name, value]) => [name, evaluate(value, scope)]))
  if (spreadKeywords) {
    const more = evaluate(spreadKeywords, scope)
    if (!(more instanceof Map)) throw new JinjaError('argument after ** must be a mapping')
    for (const [name, value] of more as Map<unknown, unknown>) named.set(pythonText(name), value)
  }
  return [placed, named]
}
