import { formatValue, parseSpec } from './format-spec.ts'
import { JinjaError } from './jinja-error.ts'
import { asciiOf, reprOf, pythonText } from './python-text.ts'
import { type Arguments, isNumber, type Keywords, typeName } from './python-value.ts'

type MemberOf = (object: unknown, key: unknown) => unknown

/** Python's `text.format(...)`. `memberOf` evaluates `{0.name}` and `{0[key]}`. */
export function formatBraces(text: string, args: Arguments, keywords: Keywords, memberOf: MemberOf): string {
  let automatic = 0
  const valueOf = (field: string): unknown => {
    const [, head = '', path = ''] = /^([^.[]*)(.*)$/s.exec(field) ?? []
    const isPlace = head === '' || /^\d+$/.test(head)
    const place = head === '' ? automatic++ : Number(head)
    if (isPlace && place >= args.length) throw new JinjaError('Replacement index out of range for positional args tuple')
    if (!isPlace && !keywords.has(head)) throw new JinjaError(`KeyError: '${head}'`)
    const start = isPlace ? args[place] : keywords.get(head)
    return [...path.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)].reduce(
      (object, [, name, key]) => memberOf(object, name ?? (/^\d+$/.test(key ?? '') ? Number(key) : key)),
      start,
    )
  }
  const expand = (source: string, level: number): string => {
    if (level > 2) throw new JinjaError('Max string recursion exceeded')
    let written = ''
    for (let at = 0; at < source.length; at += 1) {
      const character = source[at] ?? ''
      if ((character === '{' || character === '}') && source[at + 1] === character) {
        written += character
        at += 1
        continue
      }
      if (character === '}') throw new JinjaError("Single '}' encountered in format string")
      if (character !== '{') {
        written += character
        continue
      }
      let depth = 1
      let end = at + 1
      for (; end < source.length && depth > 0; end += 1) depth += source[end] === '{' ? 1 : source[end] === '}' ? -1 : 0
      if (depth > 0) throw new JinjaError("expected '}' before end of string")
      const [, field = '', conversion, spec = ''] = /^([^:!]*)(?:!([rsa]))?(?::([\s\S]*))?$/.exec(source.slice(at + 1, end - 1)) ?? []
      const value = valueOf(field)
      const converted =
        conversion === undefined ? value : conversion === 's' ? pythonText(value) : conversion === 'r' ? reprOf(value) : asciiOf(value)
      const wanted = expand(spec, level + 1)
      if (wanted !== '' && typeof converted !== 'string' && !isNumber(converted))
        throw new JinjaError(`unsupported format string passed to ${typeName(converted)}.__format__`)
      written += formatValue(converted, parseSpec(wanted))
      at = end - 1
    }
    return written
  }
  return expand(text, 0)
}
