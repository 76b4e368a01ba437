import type { FollowedForm, PairForm } from './followed-forms.ts'
import { type KnownTool, textArgument } from './parse-tool-calls.ts'
import { JsonRewriter } from '../json/rewrite-json.ts'

/** A call that is being written, as far as it is certain. */
export interface FollowedCall {
  readonly name: string
  readonly id: string | undefined
  /** The start of its arguments as JSON, or all of them. */
  json: string
}

/** A continuation of a call. */
export type FollowedPiece =
  | { readonly type: 'call-begin'; readonly name: string; readonly id: string | undefined }
  | { readonly type: 'call-arguments'; readonly text: string }

const MOST_HEAD_CHARACTERS = 400
/** A value whose end is uncertain is searched again only once it has grown by this factor. */
const GROWTH = 1.02

/**
 * Streams calls while they are being written. It emits only parts that later text cannot change, and stops if the text
 * leaves the formats that it knows. The parser of the complete text has the final say on the calls.
 */
export class CallFollower {
  readonly calls: FollowedCall[] = []
  private readonly forms: readonly FollowedForm[]
  private readonly tools: readonly KnownTool[]
  private readonly isSeries: boolean
  private isList = false
  private pending = ''
  private form: FollowedForm | null = null
  private value: JsonRewriter | null = null
  private hasArguments = false
  private isSilent = false
  private nextLength = 0
  private pieces: FollowedPiece[] = []

  /** @param isSeries - calls follow one another without a list around them; false: the text after the first call is not another call */
  constructor(forms: readonly FollowedForm[], tools: readonly KnownTool[], isSeries: boolean) {
    this.forms = forms
    this.tools = tools
    this.isSeries = isSeries
  }

  push(text: string): FollowedPiece[] {
    if (this.isSilent) return []
    this.pieces = []
    this.pending += text
    while (!this.isSilent && this.step()) if (this.pending === '') break
    return this.pieces
  }

  /** @returns false: more text is needed */
  private step(): boolean {
    const { form } = this
    if (form === null) return this.takeHead()
    if (this.value) return this.takeValue(form, this.value)
    if (form.args === 'json') return this.takeTail(form)
    return form.args === 'python' ? this.takeKeyword() || this.takeTail(form) : this.takePair(form.args) || this.takeTail(form)
  }

  private takeHead(): boolean {
    if (this.calls.length > 0 && !this.isSeries && !this.isList) return this.fallSilent()
    for (const form of this.forms) {
      const found = form.head.exec(this.pending)
      if (!found) continue
      const { name: written = '', id } = found.groups ?? {}
      const name = written.replace(/^functions\./, '').replace(form.args === 'python' ? /\.call$/ : /$^/, '')
      if (!this.tools.some((tool) => tool.name === name)) return this.fallSilent()
      this.isList ||= found[0].includes('[')
      this.pending = this.pending.slice(found[0].length)
      this.form = form
      this.calls.push({ name, id: id === '' ? undefined : id, json: '' })
      this.pieces.push({ type: 'call-begin', name, id: id === '' ? undefined : id })
      this.hasArguments = false
      this.nextLength = 0
      if (form.args === 'json') this.value = new JsonRewriter()
      return true
    }
    return this.pending.length > MOST_HEAD_CHARACTERS && this.fallSilent()
  }

  private takeValue(form: FollowedForm, value: JsonRewriter): boolean {
    const { json, length } = value.push(this.pending)
    this.pending = this.pending.slice(length)
    this.tell(json)
    if (value.hasFailed) return this.fallSilent()
    if (!value.hasEnded) return false
    this.value = null
    if (form.args === 'json' && form.tail === null) return this.fallSilent()
    return true
  }

  private takeKeyword(): boolean {
    const [key, name] = /^\s*(?:,\s*)?([A-Za-z_][\w-]*)\s*=\s*(?=\S)/.exec(this.pending) ?? []
    if (key === undefined || name === undefined) return false
    this.pending = this.pending.slice(key.length)
    this.tell(`${this.hasArguments ? ',' : '{'}${JSON.stringify(name)}:`)
    this.hasArguments = true
    this.value = new JsonRewriter()
    return true
  }

  private takePair({ pair, close, isTrimmed, read }: PairForm): boolean {
    if (this.pending.length < this.nextLength || !this.pending.includes(close)) return false
    const [all, key = '', value = ''] = pair.exec(this.pending) ?? []
    if (all === undefined) {
      this.nextLength = this.pending.length * GROWTH
      return false
    }
    this.pending = this.pending.slice(all.length)
    this.nextLength = 0
    const ofSchema = (name: string): readonly [string, unknown] => [
      name,
      textArgument(this.tools, this.calls.at(-1)?.name, name, isTrimmed ? value.replace(/^\n|\n$/g, '') : value),
    ]
    const [name, given] = read ? read(key, value) : ofSchema(key.trim())
    this.tell(`${this.hasArguments ? ',' : '{'}${JSON.stringify(name)}:${JSON.stringify(given)}`)
    this.hasArguments = true
    return true
  }

  private takeTail({ args, tail }: FollowedForm): boolean {
    const found = tail?.exec(this.pending)
    if (!found) return args === 'json' && this.pending.length > MOST_HEAD_CHARACTERS && this.fallSilent()
    this.pending = this.pending.slice(found[0].length)
    if (args !== 'json') this.tell(this.hasArguments ? '}' : '{}')
    this.form = null
    return true
  }

  private tell(json: string): void {
    const call = this.calls.at(-1)
    if (!call || json === '') return
    call.json += json
    this.pieces.push({ type: 'call-arguments', text: json })
  }

  private fallSilent(): false {
    this.isSilent = true
    this.pending = ''
    return false
  }
}
