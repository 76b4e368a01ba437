import type { GivenArguments } from '../values/arguments.ts'
import { sorted } from '../values/collection-methods.ts'
import type { Filter, FilterSurroundings } from './filter-surroundings.ts'
import { escapedHtml } from '../values/escaped-html.ts'
import { JinjaError } from '../values/jinja-error.ts'
import { itemOf, memberOf, methodOf } from '../values/members.ts'
import { operate } from '../values/operate.ts'
import { pythonText, reprOf } from '../values/python-text.ts'
import { joinTexts, spend } from '../values/work-budget.ts'
import {
  charactersOf,
  compare,
  isEqual,
  isTrue,
  itemsOf,
  pairsOf,
  PyGenerator,
  pythonLength,
  PyTuple,
  PyUndefined,
  typeName,
} from '../values/python-value.ts'

/** The lazy filters read nothing from a value that is false. */
const lazyItems = (value: unknown): readonly unknown[] => (isTrue(value) ? itemsOf(value) : [])
const lowered = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)

/** Looks up `a.b.0` like Jinja's `attribute`. */
function attributeOf(path: unknown, preset?: unknown): (item: unknown) => unknown {
  const steps = typeof path === 'string' ? path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)) : [path]
  return (item) =>
    steps.reduce<unknown>((object, step) => {
      const found = itemOf(object, step)
      return found instanceof PyUndefined && preset !== undefined ? preset : found
    }, item)
}

function keyed(given: GivenArguments, place: number, isCaseSensitive: boolean): (item: unknown) => unknown {
  const attribute = given.value(place, 'attribute', null)
  const read = attribute === null ? (item: unknown) => item : attributeOf(attribute)
  return isCaseSensitive ? read : (item) => lowered(read(item))
}

function sort(value: unknown, given: GivenArguments): unknown[] {
  const isCaseSensitive = isTrue(given.value(1, 'case_sensitive', false))
  const attribute = given.value(2, 'attribute', null)
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute]
  const read = (item: unknown): unknown => {
    const keys = paths.map((path) => (path === null ? item : attributeOf(path)(item))).map((key) => (isCaseSensitive ? key : lowered(key)))
    // Of attributes, as Jinja2 does: equal ones need no order.
    return attribute === null ? keys[0] : new PyTuple(keys)
  }
  return sorted(itemsOf(value), read, isTrue(given.value(0, 'reverse', false)))
}

function dictSort(value: unknown, given: GivenArguments): unknown[] {
  const place = given.text(1, 'by', 'key') === 'value' ? 1 : 0
  const isCaseSensitive = isTrue(given.value(0, 'case_sensitive', false))
  if (!(value instanceof Map)) throw new JinjaError(`'${typeName(value)}' object has no attribute 'items'`)
  const pairs = pairsOf(value).map((pair) => new PyTuple(pair))
  return sorted(
    pairs,
    (pair) => (isCaseSensitive ? (pair as PyTuple).items[place] : lowered((pair as PyTuple).items[place])),
    isTrue(given.value(2, 'reverse', false)),
  )
}

function extreme(sign: 1 | -1): Filter {
  return (value, given) => {
    const read = keyed(given, 1, isTrue(given.value(0, 'case_sensitive', false)))
    const items = itemsOf(value)
    if (items.length === 0) return new PyUndefined('No aggregated item, sequence was empty.')
    return items.reduce((best, item) => (sign * compare(read(item), read(best)) > 0 ? item : best))
  }
}

function unique(value: unknown, given: GivenArguments): unknown[] {
  const read = keyed(given, 1, isTrue(given.value(0, 'case_sensitive', false)))
  const seen: unknown[] = []
  return itemsOf(value).filter((item) => {
    const key = read(item)
    if (seen.some((other) => isEqual(other, key))) return false
    seen.push(key)
    return true
  })
}

function map(value: unknown, given: GivenArguments, surroundings: FilterSurroundings): unknown[] {
  const items = lazyItems(value)
  if (given.args.length === 0) {
    if (!given.keywords.has('attribute')) throw new JinjaError('map requires a filter argument')
    return items.map(attributeOf(given.keywords.get('attribute'), given.keywords.get('default')))
  }
  const [name, ...args] = given.args
  return items.map((item) => surroundings.filter(pythonText(name), item, args, given.keywords))
}

function selecting(keeps: boolean, byAttribute: boolean): Filter {
  return (value, given, surroundings) => {
    const read = byAttribute ? attributeOf(given.value(0, 'attribute')) : (item: unknown) => item
    const [name, ...args] = given.args.slice(byAttribute ? 1 : 0)
    const passes = (item: unknown): boolean => (name === undefined ? isTrue(item) : surroundings.test(pythonText(name), item, args))
    return new PyGenerator(lazyItems(value).filter((item) => passes(read(item)) === keeps))
  }
}

function groupBy(value: unknown, given: GivenArguments): unknown[] {
  const isCaseSensitive = isTrue(given.value(2, 'case_sensitive', false))
  const preset = given.value(1, 'default', null)
  const read = attributeOf(given.value(0, 'attribute'), preset === null ? undefined : preset)
  const key = (item: unknown): unknown => (isCaseSensitive ? read(item) : lowered(read(item)))
  const groups: { key: unknown; compared: unknown; items: unknown[] }[] = []
  for (const item of sorted(itemsOf(value), key, false)) {
    const last = groups.at(-1)
    if (last && isEqual(last.compared, key(item))) last.items.push(item)
    else groups.push({ key: read(item), compared: key(item), items: [item] })
  }
  return groups.map((group) => new PyTuple([group.key, group.items], ['grouper', 'list']))
}

function batch(value: unknown, given: GivenArguments): unknown[][] {
  const size = Math.max(1, given.int(0, 'linecount'))
  const fill = given.value(1, 'fill_with', null)
  const items = itemsOf(value)
  const rows = Array.from({ length: Math.ceil(items.length / size) }, (_, row) => items.slice(row * size, (row + 1) * size))
  const last = rows.at(-1)
  if (fill !== null && last) spend(size)
  if (fill !== null && last) while (last.length < size) last.push(fill)
  return rows
}

function slice(value: unknown, given: GivenArguments): unknown[][] {
  const count = Math.max(1, Math.min(100_000, given.int(0, 'slices')))
  spend(count)
  const fill = given.value(1, 'fill_with', null)
  const items = itemsOf(value)
  const [each, over] = [Math.floor(items.length / count), items.length % count]
  let at = 0
  return Array.from({ length: count }, (_, row) => {
    const size = each + (row < over ? 1 : 0)
    const part = items.slice(at, at + size)
    at += size
    return fill !== null && row >= over ? [...part, fill] : part
  })
}

const lazily =
  (filter: (value: unknown, given: GivenArguments, surroundings: FilterSurroundings) => readonly unknown[]): Filter =>
  (value, given, surroundings) => {
    const items = filter(value, given, surroundings)
    spend(items.length)
    return new PyGenerator(items)
  }

/** The only item, or an undefined value. */
const only = (items: readonly unknown[], missing: string): unknown => (items.length > 0 ? items[0] : new PyUndefined(missing))

/** An attribute, and never an item. */
function attributeNamed(value: unknown, name: string): unknown {
  if (!(value instanceof Map)) return memberOf(value, name)
  return methodOf(value, name) ?? new PyUndefined(`'dict object' has no attribute '${name}'`)
}

function xmlAttributes(value: unknown, given: GivenArguments): string {
  if (!(value instanceof Map)) throw new JinjaError(`xmlattr wants a dict, not ${typeName(value)}`)
  const pairs = pairsOf(value).filter(([, item]) => item !== null && !(item instanceof PyUndefined))
  for (const [name] of pairs)
    if (typeof name !== 'string' || /[\s/>=]/.test(name)) throw new JinjaError(`Invalid character in attribute name: ${reprOf(name)}`)
  const text = pairs.map(([name, item]) => `${escapedHtml(pythonText(name))}="${escapedHtml(pythonText(item))}"`).join(' ')
  return (isTrue(given.value(0, 'autospace', true)) && text !== '' ? ' ' : '') + text
}

/** Jinja's filters for lists and dicts. */
export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  attr: (value, given) => attributeNamed(value, given.text(0, 'name')),
  batch: lazily(batch),
  count: pythonLength,
  dictsort: dictSort,
  first: (value) => only(value instanceof PyGenerator ? value.take(1) : itemsOf(value).slice(0, 1), 'No first item, sequence was empty.'),
  groupby: groupBy,
  items: (value) => {
    if (value instanceof PyUndefined) return new PyGenerator([])
    if (!(value instanceof Map)) throw new JinjaError('Can only get item pairs from a mapping.')
    return new PyGenerator(pairsOf(value).map((pair) => new PyTuple(pair)))
  },
  join: (value, given) => {
    const attribute = given.value(1, 'attribute', null)
    const items = itemsOf(value)
    const texts = (attribute === null ? items : items.map(attributeOf(attribute))).map(pythonText)
    return joinTexts(texts, pythonText(given.value(0, 'd', '')))
  },
  last: (value) => only(itemsOf(value).slice(-1), 'No last item, sequence was empty.'),
  length: pythonLength,
  list: (value) => [...itemsOf(value)],
  map: lazily(map),
  max: extreme(1),
  min: extreme(-1),
  random: (value) => only(itemsOf(value).slice(0, 1), 'No random item, sequence was empty.'),
  reject: selecting(false, false),
  rejectattr: selecting(false, true),
  reverse: (value) =>
    typeof value === 'string' ? charactersOf(value).toReversed().join('') : new PyGenerator(itemsOf(value).toReversed()),
  select: selecting(true, false),
  selectattr: selecting(true, true),
  slice: lazily(slice),
  sort,
  sum: (value, given) => {
    const attribute = given.value(0, 'attribute', null)
    const items = itemsOf(value)
    return (attribute === null ? items : items.map(attributeOf(attribute))).reduce(
      (total, item) => operate('+', total, item),
      given.value(1, 'start', 0),
    )
  },
  unique: lazily(unique),
  xmlattr: xmlAttributes,
}
