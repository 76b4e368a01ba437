import { JinjaError } from './jinja-error.ts'
import { type Arguments, figureOf, isNumber, type Keywords, typeName } from './python-value.ts'

/** Reads the arguments of a method or a filter, by position or by name. */
export class GivenArguments {
  readonly args: Arguments
  readonly keywords: Keywords
  private readonly what: string

  constructor(what: string, args: Arguments, keywords: Keywords) {
    this.what = what
    this.args = args
    this.keywords = keywords
  }

  has(place: number, name: string): boolean {
    return place < this.args.length || this.keywords.has(name)
  }

  value(place: number, name: string, preset?: unknown): unknown {
    if (place < this.args.length) return this.args[place]
    if (this.keywords.has(name)) return this.keywords.get(name)
    if (preset === undefined) throw new JinjaError(`${this.what}() is missing the argument '${name}'`)
    return preset
  }

  text(place: number, name: string, preset?: string): string {
    const value = this.value(place, name, preset)
    if (typeof value === 'string') return value
    throw new JinjaError(`${this.what}() wants a str for '${name}', not ${typeName(value)}`)
  }

  int(place: number, name: string, preset?: number): number {
    const value = this.value(place, name, preset)
    if (isNumber(value)) return Math.trunc(figureOf(value))
    throw new JinjaError(`${this.what}() wants an int for '${name}', not ${typeName(value)}`)
  }

  /** null if the argument is None or missing. */
  optionalText(place: number, name: string): string | null {
    const value = this.value(place, name, null)
    return value === null ? null : this.text(place, name)
  }

  optionalInt(place: number, name: string): number | null {
    const value = this.value(place, name, null)
    return value === null ? null : this.int(place, name)
  }
}
