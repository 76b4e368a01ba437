import { JinjaError } from '../values/jinja-error.ts'
import { ExpressionParser } from './parse-expression.ts'
import { readTokens } from './read-tokens.ts'
import { BLOCK_TEXT, type Body, type Expression, type Signature, type Statement, type Target } from './syntax.ts'
import { TokenStream } from './token-stream.ts'

const MOST_LEVELS = 100

export interface ParsedTemplate {
  readonly body: Body
  /** The blocks by their names, which `self` renders again. */
  readonly blocks: ReadonlyMap<string, Body>
}

class TemplateParser {
  private readonly tokens: TokenStream
  private readonly expressions: ExpressionParser
  private level = 0
  private readonly blocks = new Map<string, Body>()

  constructor(source: string) {
    this.tokens = new TokenStream(readTokens(source))
    this.expressions = new ExpressionParser(this.tokens)
  }

  parse(): ParsedTemplate {
    return { body: this.body([]), blocks: this.blocks }
  }

  /** Parses statements up to one of the tags. The next token is then the tag's name. */
  private body(ends: readonly string[]): Statement[] {
    this.level += 1
    if (this.level > MOST_LEVELS) throw new JinjaError('Blocks are nested too deeply.')
    const statements: Statement[] = []
    for (;;) {
      const { current } = this.tokens
      if (current.type === 'end') {
        if (ends.length > 0) throw new JinjaError(`Unexpected end of template: expected ${ends.join(' or ')}.`)
        break
      }
      if (current.type === 'data') statements.push({ type: 'text', text: this.tokens.next().text })
      else if (this.tokens.takes('variable-begin')) {
        statements.push({ type: 'output', value: this.expressions.parseTuple() })
        this.tokens.expect('variable-end')
      } else {
        this.tokens.expect('block-begin')
        if (this.tokens.isName(...ends)) break
        statements.push(...this.statement())
      }
    }
    this.level -= 1
    return statements
  }

  private bodyTo(...ends: readonly string[]): { body: Statement[]; end: string } {
    this.tokens.expect('block-end')
    const body = this.body(ends)
    return { body, end: this.tokens.next().text }
  }

  private statement(): Statement[] {
    const tag = this.tokens.expect('name').text
    switch (tag) {
      case 'if':
        return [this.parseIf()]
      case 'for':
        return [this.parseFor()]
      case 'set':
        return [this.parseSet()]
      case 'macro':
        return [this.parseMacro()]
      case 'call':
        return [this.parseCall()]
      case 'filter': {
        const filter = this.expressions.filters({ type: 'name', name: BLOCK_TEXT }, true)
        return [{ type: 'filter', filter, body: this.closed('endfilter') }]
      }
      case 'with':
        return [this.parseWith()]
      case 'block':
        return [this.parseBlock()]
      case 'do': {
        const value = this.expressions.parseTuple()
        this.tokens.expect('block-end')
        return [{ type: 'do', value }]
      }
      case 'break':
      case 'continue':
        this.tokens.expect('block-end')
        return [{ type: tag }]
      // Transformers marks the assistant's text with this tag, which produces no output.
      case 'generation':
        return this.closed('endgeneration')
      case 'autoescape': {
        this.expressions.parse()
        return this.closed('endautoescape')
      }
      default:
        throw new JinjaError(`Encountered unknown tag '${tag}'.`)
    }
  }

  private parseBlock(): Statement {
    const name = this.tokens.expect('name').text
    if (this.blocks.has(name)) throw new JinjaError(`block '${name}' defined twice`)
    const isScoped = this.tokens.takes('name', 'scoped')
    if (this.tokens.isName('required')) throw new JinjaError(`Required block '${name}' not found`)
    const body: Statement[] = []
    this.blocks.set(name, body)
    body.push(...this.closed('endblock'))
    return { type: 'block', name, isScoped, body }
  }

  private closed(end: string): Statement[] {
    const { body } = this.bodyTo(end)
    this.tokens.takes('name')
    this.tokens.expect('block-end')
    return body
  }

  private parseIf(): Statement {
    const branches: [Expression, Body][] = []
    let tag = 'if'
    while (tag === 'if' || tag === 'elif') {
      const test = this.expressions.parseTuple({ withCondition: false })
      const { body, end } = this.bodyTo('elif', 'else', 'endif')
      branches.push([test, body])
      tag = end
    }
    const otherwise = tag === 'else' ? this.bodyTo('endif').body : []
    this.tokens.expect('block-end')
    return { type: 'if', branches, otherwise }
  }

  private parseFor(): Statement {
    const target = this.target(() => this.tokens.isName('in'))
    this.tokens.expect('name', 'in')
    const items = this.expressions.parseTuple({ withCondition: false, isEnd: () => this.tokens.isName('recursive') })
    const test = this.tokens.takes('name', 'if') ? this.expressions.parse() : null
    const isRecursive = this.tokens.takes('name', 'recursive')
    const { body, end } = this.bodyTo('else', 'endfor')
    const otherwise = end === 'else' ? this.bodyTo('endfor').body : []
    this.tokens.expect('block-end')
    return { type: 'for', target, items, test, body, otherwise, isRecursive }
  }

  private target(isEnd: () => boolean): Target {
    const items: Target[] = []
    let isTuple = false
    while (!isEnd() && !this.tokens.is('operator', ')')) {
      items.push(this.oneTarget())
      if (!this.tokens.takes('operator', ',')) break
      isTuple = true
    }
    const [first] = items
    if (!first) throw new JinjaError('expected a name')
    return isTuple ? { type: 'tuple', items } : first
  }

  private oneTarget(): Target {
    if (this.tokens.takes('operator', '(')) {
      const inner = this.target(() => false)
      this.tokens.expect('operator', ')')
      return inner
    }
    const name = this.tokens.expect('name').text
    return this.tokens.takes('operator', '.')
      ? { type: 'member', object: name, name: this.tokens.expect('name').text }
      : { type: 'name', name }
  }

  private parseSet(): Statement {
    const target = this.target(() => this.tokens.is('operator', '=') || this.tokens.is('block-end'))
    if (this.tokens.takes('operator', '=')) {
      const value = this.expressions.parseTuple()
      this.tokens.expect('block-end')
      return { type: 'set', target, value }
    }
    const filter = this.tokens.is('operator', '|') ? this.expressions.filters({ type: 'name', name: BLOCK_TEXT }) : null
    return { type: 'set-block', target, filter, body: this.closed('endset') }
  }

  private parameters(): Signature['parameters'] {
    const parameters: { name: string; preset: Expression | null }[] = []
    this.tokens.expect('operator', '(')
    while (!this.tokens.takes('operator', ')')) {
      const name = this.tokens.expect('name').text
      parameters.push({ name, preset: this.tokens.takes('operator', '=') ? this.expressions.parse() : null })
      if (!this.tokens.is('operator', ')')) this.tokens.expect('operator', ',')
    }
    return parameters
  }

  private parseMacro(): Statement {
    const name = this.tokens.expect('name').text
    const parameters = this.parameters()
    return { type: 'macro', signature: { name, parameters }, body: this.closed('endmacro') }
  }

  private parseCall(): Statement {
    const parameters = this.tokens.is('operator', '(') ? this.parameters() : []
    const call = this.expressions.parse()
    return { type: 'call', call, signature: { name: 'caller', parameters }, body: this.closed('endcall') }
  }

  private parseWith(): Statement {
    const values: [Target, Expression][] = []
    while (!this.tokens.is('block-end')) {
      const target = this.oneTarget()
      this.tokens.expect('operator', '=')
      values.push([target, this.expressions.parse()])
      if (!this.tokens.takes('operator', ',')) break
    }
    return { type: 'with', values, body: this.closed('endwith') }
  }
}

/** @throws JinjaError if the source is not a valid template */
export function parseTemplate(source: string): ParsedTemplate {
  return new TemplateParser(source).parse()
}
