import { AppError } from '../../shared/app-error.ts'
import type { GgufHeader, GgufValue } from './parse-gguf-header.ts'

/** Typed look-ups in a header's metadata; `null` if the key is absent. */
export interface GgufMetadata {
  text(key: string): string | null
  number(key: string): number | null
  flag(key: string): boolean | null
  texts(key: string): readonly string[] | null
  numbers(key: string): readonly number[] | null
  flags(key: string): readonly boolean[] | null
  /** A number, or the largest of those of all layers. */
  most(key: string): number | null
  /** Those of all layers; null if they are alike, too. */
  perLayer(key: string): readonly number[] | null
  /** @throws AppError `model-damaged` if the key is absent */
  requireText(key: string): string
  /** @throws AppError `model-damaged` if the key is absent or its value is below 1 */
  requireCount(key: string): number
}

/** A key of the wrong type throws AppError `model-damaged`. */
export function ggufMetadata(header: GgufHeader): GgufMetadata {
  const wrong = (key: string): never => {
    throw new AppError('model-damaged', `The GGUF metadata has no valid ${key}.`, { key })
  }
  const read = <T extends GgufValue>(key: string, is: (value: GgufValue) => value is T): T | null => {
    const value = header.metadata.get(key)
    if (value === undefined) return null
    return is(value) ? value : wrong(key)
  }
  const isText = (value: GgufValue): value is string => typeof value === 'string'
  const isNumber = (value: GgufValue): value is number => typeof value === 'number' && Number.isFinite(value)
  const isFlag = (value: GgufValue): value is boolean => typeof value === 'boolean'
  const isTexts = (value: GgufValue): value is readonly string[] => Array.isArray(value) && value.every(isText)
  const isFlags = (value: GgufValue): value is readonly boolean[] => Array.isArray(value) && value.every(isFlag)
  const isNumbers = (value: GgufValue): value is readonly number[] => Array.isArray(value) && value.every(isNumber)
  const readEither = (key: string) => read(key, (found): found is number | readonly number[] => isNumber(found) || isNumbers(found))
  return {
    text: (key) => read(key, isText),
    number: (key) => read(key, isNumber),
    flag: (key) => read(key, isFlag),
    texts: (key) => read(key, isTexts),
    numbers: (key) => read(key, isNumbers),
    flags: (key) => read(key, isFlags),
    most: (key) => {
      const value = readEither(key)
      return typeof value === 'number' || value === null ? value : value.length > 0 ? Math.max(...value) : wrong(key)
    },
    perLayer: (key) => {
      const value = readEither(key)
      return typeof value === 'number' ? null : value
    },
    requireText: (key) => read(key, isText) ?? wrong(key),
    requireCount: (key) => {
      const value = read(key, isNumber)
      return value !== null && Number.isInteger(value) && value >= 1 ? value : wrong(key)
    },
  }
}
