import { PyUndefined } from './values/python-value.ts'

/** Names and their values. Names missing from an inner scope are looked up in the outer one. */
export class Scope {
  private readonly values = new Map<string, unknown>()
  private readonly outer: Scope | null

  constructor(outer: Scope | null) {
    this.outer = outer
  }

  get(name: string): unknown {
    if (this.values.has(name)) return this.values.get(name)
    return this.outer ? this.outer.get(name) : new PyUndefined(name)
  }

  set(name: string, value: unknown): void {
    this.values.set(name, value)
  }
}
