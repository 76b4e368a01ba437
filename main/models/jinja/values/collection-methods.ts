import type { GivenArguments } from './arguments.ts'
import { JinjaError } from './jinja-error.ts'
import { reprOf } from './python-text.ts'
import { spend } from './work-budget.ts'
import { compare, figureOf, isEqual, isNumber, isTrue, itemsOf, keyOf, pairsOf, PyFunction, PyTuple, PyView } from './python-value.ts'

const MOST_ITEMS = 1 << 20

export function sorted(items: readonly unknown[], keyOfItem: (item: unknown) => unknown, isReversed: boolean): unknown[] {
  const keyed = items.map((item, place) => ({ item, key: keyOfItem(item), place }))
  keyed.sort((left, right) => (isReversed ? compare(right.key, left.key) : compare(left.key, right.key)) || left.place - right.place)
  return keyed.map(({ item }) => item)
}

function placeIn(list: readonly unknown[], index: number): number {
  return index < 0 ? index + list.length : index
}

function indexOf(items: readonly unknown[], given: GivenArguments): number {
  const sought = given.value(0, 'value')
  const at = items.findIndex((item) => isEqual(item, sought))
  if (at < 0) throw new JinjaError(`${reprOf(sought)} is not in list`)
  return at
}

function checkSize(size: number): void {
  if (size > MOST_ITEMS) throw new JinjaError('A template made a list that is too long.')
}

/** The methods of Python's `list`. */
export const LIST_METHODS: Readonly<Record<string, (list: unknown[], given: GivenArguments) => unknown>> = {
  append: (list, given) => {
    checkSize(list.push(given.value(0, 'object')))
    return null
  },
  extend: (list, given) => {
    // A copy, since a list may be extended by itself.
    const more = [...itemsOf(given.value(0, 'iterable'))]
    spend(more.length)
    checkSize(list.length + more.length)
    for (const item of more) list.push(item)
    return null
  },
  insert: (list, given) => {
    checkSize(list.length + 1)
    spend(list.length >> 4)
    list.splice(Math.max(0, placeIn(list, given.int(0, 'index'))), 0, given.value(1, 'object'))
    return null
  },
  pop: (list, given) => {
    spend(list.length >> 4)
    const at = placeIn(list, given.int(0, 'index', -1))
    if (at < 0 || at >= list.length) throw new JinjaError(list.length === 0 ? 'pop from empty list' : 'pop index out of range')
    return list.splice(at, 1)[0]
  },
  remove: (list, given) => {
    list.splice(indexOf(list, given), 1)
    return null
  },
  clear: (list) => {
    list.length = 0
    return null
  },
  reverse: (list) => {
    list.reverse()
    return null
  },
  sort: (list, given) => {
    const key = given.value(0, 'key', null)
    list.splice(
      0,
      list.length,
      ...sorted(list, (item) => (key instanceof PyFunction ? key.call([item], new Map()) : item), isTrue(given.value(1, 'reverse', false))),
    )
    return null
  },
  copy: (list) => [...list],
  index: (list, given) => indexOf(list, given),
  count: (list, given) => list.filter((item) => isEqual(item, given.value(0, 'value'))).length,
}

/** The methods of Python's `tuple`. */
export const TUPLE_METHODS: Readonly<Record<string, (tuple: PyTuple, given: GivenArguments) => unknown>> = {
  index: (tuple, given) => indexOf(tuple.items, given),
  count: (tuple, given) => tuple.items.filter((item) => isEqual(item, given.value(0, 'value'))).length,
}

type Dict = Map<unknown, unknown>

/** Creates a dict from another dict or from pairs, plus keyword arguments, like `dict()` and `update()`. */
export function dictOf(source: unknown, keywords: ReadonlyMap<string, unknown>): Dict {
  if (source instanceof Map) spend(2 * source.size)
  const made: Dict = new Map(source instanceof Map ? (source as Dict) : [])
  if (!(source instanceof Map)) {
    for (const pair of itemsOf(source)) {
      const [key, value, ...more] = itemsOf(pair)
      if (value === undefined || more.length > 0) throw new JinjaError('a dictionary update sequence element does not have length 2')
      made.set(keyOf(key), value)
    }
  }
  for (const [name, value] of keywords) made.set(name, value)
  return made
}

/** The methods of Python's `dict`. */
export const DICT_METHODS: Readonly<Record<string, (dict: Dict, given: GivenArguments) => unknown>> = {
  get: (dict, given) => {
    const key = keyOf(given.value(0, 'key'))
    return dict.has(key) ? dict.get(key) : given.value(1, 'default', null)
  },
  items: (dict) =>
    new PyView(
      'dict_items',
      pairsOf(dict).map((pair) => new PyTuple(pair)),
    ),
  keys: (dict) => new PyView('dict_keys', itemsOf(dict)),
  values: (dict) => new PyView('dict_values', [...dict.values()]),
  fromkeys: (_, given) => new Map(itemsOf(given.value(0, 'iterable')).map((key) => [keyOf(key), given.value(1, 'value', null)])),
  copy: (dict) => new Map(dict),
  clear: (dict) => {
    dict.clear()
    return null
  },
  pop: (dict, given) => {
    const key = keyOf(given.value(0, 'key'))
    if (!dict.has(key)) {
      if (given.has(1, 'default')) return given.value(1, 'default')
      throw new JinjaError(`KeyError: ${reprOf(key)}`)
    }
    const value = dict.get(key)
    dict.delete(key)
    return value
  },
  popitem: (dict) => {
    const last = pairsOf(dict).at(-1)
    if (!last) throw new JinjaError('popitem(): dictionary is empty')
    dict.delete(keyOf(last[0]))
    return new PyTuple(last)
  },
  setdefault: (dict, given) => {
    const key = keyOf(given.value(0, 'key'))
    if (!dict.has(key)) dict.set(key, given.value(1, 'default', null))
    return dict.get(key)
  },
  update: (dict, given) => {
    for (const [key, value] of dictOf(given.args[0] ?? [], given.keywords)) dict.set(key, value)
    return null
  },
}

/** The first and last place of a slice, and its step, with Python's rules. */
export function sliceBounds(
  length: number,
  start: unknown,
  stop: unknown,
  step: unknown,
): { readonly from: number; readonly to: number; readonly stride: number } {
  const figure = (value: unknown): number | null => (isNumber(value) ? Math.trunc(figureOf(value)) : null)
  const stride = figure(step) ?? 1
  if (stride === 0) throw new JinjaError('slice step cannot be zero')
  const place = (value: number | null, preset: number): number => {
    if (value === null) return preset
    const at = value < 0 ? value + length : value
    return stride > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1)
  }
  const from = place(figure(start), stride > 0 ? 0 : length - 1)
  const to = place(figure(stop), stride > 0 ? length : -1)
  return { from, to, stride }
}

/** The indices that a slice selects. */
export function slicedPlaces(length: number, start: unknown, stop: unknown, step: unknown): number[] {
  const { from, to, stride } = sliceBounds(length, start, stop, step)
  const places: number[] = []
  for (let at = from; stride > 0 ? at < to : at > to; at += stride) places.push(at)
  return places
}
