import { JinjaError } from '../values/jinja-error.ts'
import { intOfDigits, PyFloat } from '../values/python-value.ts'
import type { Expression, Given } from './syntax.ts'
import type { TokenStream } from './token-stream.ts'

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const MOST_LEVELS = 200
const NOTHING: Given = { args: [], keywords: [], spread: null, spreadKeywords: null }

/** Parses Jinja expressions by precedence, lowest first. */
export class ExpressionParser {
  private readonly tokens: TokenStream
  private level = 0

  constructor(tokens: TokenStream) {
    this.tokens = tokens
  }

  parse(withCondition = true): Expression {
    this.level += 1
    if (this.level > MOST_LEVELS) throw new JinjaError('An expression is nested too deeply.')
    const parsed = withCondition ? this.condition() : this.or()
    this.level -= 1
    return parsed
  }

  /** One expression, or several separated by commas as a tuple. */
  parseTuple({ withCondition = true, isEnd = () => false }: { withCondition?: boolean; isEnd?: () => boolean } = {}): Expression {
    const items: Expression[] = []
    let isTuple = false
    while (!this.endsTuple() && !isEnd()) {
      items.push(this.parse(withCondition))
      if (!this.tokens.takes('operator', ',')) break
      isTuple = true
    }
    const [first] = items
    if (isTuple || !first) {
      if (items.length === 0) throw new JinjaError(`Expected an expression, got ${this.tokens.current.text || this.tokens.current.type}`)
      return { type: 'tuple', items }
    }
    return first
  }

  private endsTuple(): boolean {
    const { current } = this.tokens
    return (
      current.type === 'block-end' ||
      current.type === 'variable-end' ||
      current.type === 'end' ||
      (current.type === 'operator' && current.text === ')')
    )
  }

  private condition(): Expression {
    let then = this.or()
    while (this.tokens.takes('name', 'if')) {
      const test = this.or()
      const otherwise = this.tokens.takes('name', 'else') ? this.parse() : null
      then = { type: 'condition', test, then, otherwise }
    }
    return then
  }

  private or(): Expression {
    let left = this.and()
    while (this.tokens.takes('name', 'or')) left = { type: 'binary', operator: 'or', left, right: this.and() }
    return left
  }

  private and(): Expression {
    let left = this.not()
    while (this.tokens.takes('name', 'and')) left = { type: 'binary', operator: 'and', left, right: this.not() }
    return left
  }

  private not(): Expression {
    let count = 0
    while (this.tokens.takes('name', 'not')) count += 1
    let operand = this.compare()
    for (; count > 0; count -= 1) operand = { type: 'unary', operator: 'not', operand }
    return operand
  }

  private compare(): Expression {
    const first = this.sum()
    const rest: [string, Expression][] = []
    for (;;) {
      const { current } = this.tokens
      if (current.type === 'operator' && COMPARISONS.has(current.text)) rest.push([this.tokens.next().text, this.sum()])
      else if (this.tokens.takes('name', 'in')) rest.push(['in', this.sum()])
      else if (this.tokens.isName('not') && this.tokens.look().text === 'in') {
        this.tokens.next()
        this.tokens.next()
        rest.push(['not in', this.sum()])
      } else break
    }
    return rest.length === 0 ? first : { type: 'compare', first, rest }
  }

  private binary(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    while (this.tokens.current.type === 'operator' && operators.includes(this.tokens.current.text))
      left = { type: 'binary', operator: this.tokens.next().text, left, right: operand() }
    return left
  }

  private sum(): Expression {
    return this.binary(['+', '-'], () => this.concat())
  }

  private concat(): Expression {
    const items = [this.product()]
    while (this.tokens.takes('operator', '~')) items.push(this.product())
    const [first] = items
    return items.length === 1 && first ? first : { type: 'concat', items }
  }

  private product(): Expression {
    return this.binary(['*', '/', '//', '%'], () => this.binary(['**'], () => this.unary(true)))
  }

  private unary(withFilters: boolean): Expression {
    for (const operator of ['-', '+'] as const) {
      if (!this.tokens.takes('operator', operator)) continue
      const negated: Expression = { type: 'unary', operator, operand: this.unary(false) }
      return withFilters ? this.filters(this.postfix(negated)) : this.postfix(negated)
    }
    const primary = this.postfix(this.primary())
    return withFilters ? this.filters(primary) : primary
  }

  private primary(): Expression {
    const token = this.tokens.next()
    if (token.type === 'name')
      return CONSTANTS.has(token.text) ? { type: 'constant', value: CONSTANTS.get(token.text) } : { type: 'name', name: token.text }
    if (token.type === 'string') {
      let { text } = token
      while (this.tokens.is('string')) text += this.tokens.next().text
      return { type: 'constant', value: text }
    }
    if (token.type === 'int') return { type: 'constant', value: intOfDigits(token.text) }
    if (token.type === 'float') return { type: 'constant', value: new PyFloat(Number(token.text)) }
    if (token.type === 'operator' && token.text === '(') {
      const inner: Expression = this.tokens.is('operator', ')') ? { type: 'tuple', items: [] } : this.parseTuple()
      this.tokens.expect('operator', ')')
      return inner
    }
    if (token.type === 'operator' && token.text === '[') return { type: 'list', items: this.listItems() }
    if (token.type === 'operator' && token.text === '{') return this.dict()
    throw new JinjaError(`unexpected ${token.text === '' ? token.type : JSON.stringify(token.text)}`)
  }

  private listItems(): Expression[] {
    const items: Expression[] = []
    while (!this.tokens.takes('operator', ']')) {
      items.push(this.parse())
      if (!this.tokens.is('operator', ']')) this.tokens.expect('operator', ',')
    }
    return items
  }

  private dict(): Expression {
    const entries: [Expression, Expression][] = []
    while (!this.tokens.takes('operator', '}')) {
      const key = this.parse()
      this.tokens.expect('operator', ':')
      entries.push([key, this.parse()])
      if (!this.tokens.is('operator', '}')) this.tokens.expect('operator', ',')
    }
    return { type: 'dict', entries }
  }

  private postfix(start: Expression): Expression {
    let object = start
    for (;;) {
      if (this.tokens.takes('operator', '.')) {
        const token = this.tokens.next()
        if (token.type === 'name') object = { type: 'member', object, name: token.text }
        else if (token.type === 'int') object = { type: 'item', object, key: { type: 'constant', value: Number(token.text) } }
        else throw new JinjaError(`expected name or number, got ${token.text}`)
      } else if (this.tokens.takes('operator', '[')) object = { type: 'item', object, key: this.subscript() }
      else if (this.tokens.is('operator', '(')) object = { type: 'call', callee: object, given: this.given() }
      else return object
    }
  }

  private subscript(): Expression {
    const keys: Expression[] = []
    while (!this.tokens.takes('operator', ']')) {
      if (keys.length > 0) this.tokens.expect('operator', ',')
      keys.push(this.sliceOrKey())
    }
    const [only] = keys
    if (!only) throw new JinjaError('expected subscript expression')
    return keys.length === 1 ? only : { type: 'tuple', items: keys }
  }

  private sliceOrKey(): Expression {
    const ends = (): boolean => this.tokens.is('operator', ':') || this.tokens.is('operator', ']') || this.tokens.is('operator', ',')
    const part = (): Expression | null => (ends() ? null : this.parse())
    const start = part()
    if (!this.tokens.takes('operator', ':')) {
      if (!start) throw new JinjaError('expected subscript expression')
      return start
    }
    const stop = part()
    const step = this.tokens.takes('operator', ':') ? part() : null
    return { type: 'slice', start, stop, step }
  }

  given(): Given {
    this.tokens.expect('operator', '(')
    const args: Expression[] = []
    const keywords: [string, Expression][] = []
    let spread: Expression | null = null
    let spreadKeywords: Expression | null = null
    while (!this.tokens.takes('operator', ')')) {
      if (this.tokens.takes('operator', '*')) spread = this.parse()
      else if (this.tokens.takes('operator', '**')) spreadKeywords = this.parse()
      else if (this.tokens.is('name') && this.tokens.look().type === 'operator' && this.tokens.look().text === '=') {
        const name = this.tokens.next().text
        this.tokens.next()
        keywords.push([name, this.parse()])
      } else args.push(this.parse())
      if (!this.tokens.is('operator', ')')) this.tokens.expect('operator', ',')
    }
    return { args, keywords, spread, spreadKeywords }
  }

  private dottedName(): string {
    let name = this.tokens.expect('name').text
    while (this.tokens.takes('operator', '.')) name += `.${this.tokens.expect('name').text}`
    return name
  }

  /**
   * Parses the filters and tests that follow. In a filter block, the first filter has no `
   * `.
   */
  filters(start: Expression, isOfBlock = false): Expression {
    let object = start
    let isFirst = isOfBlock
    for (;;) {
      if (isFirst || this.tokens.takes('operator', '|')) {
        const name = this.dottedName()
        object = { type: 'filter', name, object, given: this.tokens.is('operator', '(') ? this.given() : NOTHING }
      } else if (!isOfBlock && this.tokens.takes('name', 'is')) object = this.test(object)
      else if (!isOfBlock && this.tokens.is('operator', '(')) object = { type: 'call', callee: object, given: this.given() }
      else return object
      isFirst = false
    }
  }

  private test(object: Expression): Expression {
    const isNegated = this.tokens.takes('name', 'not')
    const name = this.dottedName()
    const { current } = this.tokens
    let given = NOTHING
    if (this.tokens.is('operator', '(')) given = this.given()
    else if (
      ['string', 'int', 'float'].includes(current.type) ||
      (current.type === 'operator' && ['[', '{'].includes(current.text)) ||
      (current.type === 'name' && !['else', 'or', 'and', 'is', 'if', 'in', 'not'].includes(current.text))
    ) {
      given = { ...NOTHING, args: [this.postfix(this.primary())] }
    }
    const test: Expression = { type: 'test', name, object, given }
    return isNegated ? { type: 'unary', operator: 'not', operand: test } : test
  }
}
