import { isJsonObject } from '../../../shared/formats/json-value.ts'
import { readRelaxedJson } from '../json/read-relaxed-json.ts'

/** The arguments of a call: the object that starts at `start`; null if it is missing or incomplete. */
export function readArguments(text: string, start = 0): { readonly argumentsJson: string; readonly isWhole: boolean } | null {
  const read = readRelaxedJson(text, start)
  return read && !read.isCut && isJsonObject(read.value) ? { argumentsJson: JSON.stringify(read.value), isWhole: read.isWhole } : null
}
