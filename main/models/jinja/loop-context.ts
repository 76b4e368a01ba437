import { JinjaError } from './values/jinja-error.ts'
import { isEqual, PyFunction, type PyObject, PyUndefined } from './values/python-value.ts'

/** The variable `loop`: information about the enclosing loop. */
export class LoopContext implements PyObject {
  readonly typeName = 'LoopContext'
  index0 = 0
  private readonly items: readonly unknown[]
  private readonly depth0: number
  private readonly recurse: ((items: unknown) => string) | null
  private changedWith: readonly unknown[] | null = null

  /** @param recurse - renders the loop over other items; null if the loop is not recursive */
  constructor(items: readonly unknown[], depth0: number, recurse: ((items: unknown) => string) | null) {
    this.items = items
    this.depth0 = depth0
    this.recurse = recurse
  }

  get shown(): string {
    return `${this.typeName} ${this.index0 + 1}/${this.items.length}`
  }

  member(name: string): unknown {
    const { items, index0 } = this
    switch (name) {
      case 'index':
        return index0 + 1
      case 'index0':
        return index0
      case 'revindex':
        return items.length - index0
      case 'revindex0':
        return items.length - index0 - 1
      case 'first':
        return index0 === 0
      case 'last':
        return index0 === items.length - 1
      case 'length':
        return items.length
      case 'depth':
        return this.depth0 + 1
      case 'depth0':
        return this.depth0
      case 'previtem':
        return index0 > 0 ? items[index0 - 1] : new PyUndefined('there is no previous item')
      case 'nextitem':
        return index0 + 1 < items.length ? items[index0 + 1] : new PyUndefined('there is no next item')
      case 'cycle':
        return new PyFunction('cycle', (args) => {
          if (args.length === 0) throw new JinjaError('no items for cycling given')
          return args[this.index0 % args.length]
        })
      case 'changed':
        return new PyFunction('changed', (args) => {
          const { changedWith } = this
          this.changedWith = args
          return changedWith?.length !== args.length || !args.every((arg, at) => isEqual(arg, changedWith[at]))
        })
      case '__call__':
        return new PyFunction('loop', (args) => {
          if (!this.recurse) throw new JinjaError("The loop must have the 'recursive' marker to be called recursively.")
          return this.recurse(args[0])
        })
      default:
        return undefined
    }
  }
}
