import { Command, InvalidArgumentError, type Option } from 'commander'
import { AppError } from '../../shared/app-error.ts'
import { addNodeOptions } from '../node-options.ts'

/** A setting of the node in the configuration file: one of its flags. */
export interface NodeSetting {
  /** As in the file: `max-memory`. */
  readonly key: string
  /** The environment variable: `EXO_MAX_MEMORY`; lists are plural and separated by commas. */
  readonly environment: string
  readonly kind: 'switch' | 'text' | 'list'
  readonly description: string
  readonly choices: readonly string[] | null
  /** The name among the parsed flags. */
  readonly attribute: string
  readonly defaultValue: unknown
  /**
   * The value for the flag.
   *
   * @throws AppError `setting-invalid`
   */
  parse(value: unknown): unknown
}

/** Flags that say where the file is, or that are not about a node. */
const NOT_IN_FILE: ReadonlySet<string> = new Set(['dataDir'])
const TRUE = /^(true|yes|on|1)$/i
const FALSE = /^(false|no|off|0)$/i

/** All settings, in the order of `exo --help`. */
export function nodeSettings(): NodeSetting[] {
  const command = addNodeOptions(new Command())
  command.parse([], { from: 'user' })
  const defaults = command.opts<Record<string, unknown>>()
  return command.options.flatMap((option) => {
    const attribute = option.attributeName()
    return NOT_IN_FILE.has(attribute) ? [] : [settingOf(option, defaults[attribute])]
  })
}

function settingOf(option: Option, defaultValue: unknown): NodeSetting {
  const key = option.name().replace(/^no-/, '')
  const kind = option.required || option.optional ? (Array.isArray(defaultValue) ? 'list' : 'text') : 'switch'
  const base = `EXO_${key.replaceAll('-', '_').toUpperCase()}`
  const refuse = (reason: string): AppError => new AppError('setting-invalid', `The setting ${key} is invalid: ${reason}`, { key })
  const parseOne = (text: string, previous: unknown): unknown => {
    if (option.argChoices && !option.argChoices.includes(text)) throw refuse(`it must be one of ${option.argChoices.join(', ')}.`)
    try {
      return option.parseArg ? option.parseArg(text, previous) : text
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw refuse(error.message)
      throw error
    }
  }
  return {
    key,
    environment: option.envVar ?? (kind === 'list' ? `${base}S` : base),
    kind,
    description: option.negate ? `false: ${option.description}` : option.description,
    choices: option.argChoices ?? null,
    attribute: option.attributeName(),
    defaultValue,
    parse(value) {
      if (kind === 'switch') {
        const text = String(value)
        if (TRUE.test(text)) return true
        if (FALSE.test(text)) return option.negate ? false : undefined
        throw refuse('it must be true or false.')
      }
      if (kind === 'text') {
        if (typeof value !== 'string' && typeof value !== 'number') throw refuse('it must be a text or a number.')
        return parseOne(String(value), undefined)
      }
      const items: unknown[] = Array.isArray(value) ? value : [value]
      return items.reduce<unknown>((all, item) => {
        if (typeof item !== 'string') throw refuse('it must be a list of texts.')
        return parseOne(item, all)
      }, [])
    },
  }
}

/** @throws AppError `setting-unknown` that names similar settings */
export function settingNamed(key: string, settings: readonly NodeSetting[]): NodeSetting {
  const wanted = key.replace(/^--/, '').replace(/^no-/, '').replaceAll('_', '-').toLowerCase()
  const found = settings.find((setting) => setting.key === wanted)
  if (found) return found
  const near = settings.filter((setting) => setting.key.includes(wanted) || wanted.includes(setting.key)).map((setting) => setting.key)
  throw new AppError(
    'setting-unknown',
    `There is no setting "${key}".${near.length > 0 ? ` Similar: ${near.join(', ')}.` : ''} For all settings: exo config list`,
    { key },
  )
}

/** The JSON schema of the configuration file. */
export function configSchema(settings: readonly NodeSetting[]): Record<string, unknown> {
  const text = ({ choices, description }: NodeSetting): object => ({
    type: ['string', 'number'],
    description,
    ...(choices && { type: 'string', enum: choices }),
  })
  const properties = settings.map((setting) => {
    const { key, kind, description } = setting
    if (kind === 'switch') return [key, { type: 'boolean', description }]
    if (kind === 'list') return [key, { type: 'array', items: { type: 'string' }, description }]
    return [key, text(setting)]
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of exo',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(properties) },
    additionalProperties: false,
  }
}
