import { isJsonObject } from '../../../shared/formats/json-value.ts'
import { readJson } from '../json/read-json.ts'

/** The arguments of a call: the object that starts at `start`; null if it is missing or incomplete. */
export function readArguments(text: string, start = 0): { readonly argumentsJson: string; readonly isWhole: boolean } | null {
  const read = readJson(text, start)
  return read && !read.isCut && isJsonObject(read.value) ? { argumentsJson: JSON.stringify(read.value), isWhole: read.isWhole } : null
}
