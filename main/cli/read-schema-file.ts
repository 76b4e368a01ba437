import { readFile } from 'node:fs/promises'
import { errorMessage } from '../shared/app-error.ts'
import { isJsonObject, type JsonObject } from '../shared/formats/json-value.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError if the file cannot be read, or contains something other than a JSON object */
export async function readSchemaFile(path: string): Promise<JsonObject> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`--schema: ${errorMessage(cause)}`)
  })
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`--schema: ${path} is not JSON: ${errorMessage(cause)}`)
  }
  if (isJsonObject(schema)) return schema
  throw new UsageError(`--schema: ${path} must contain a JSON schema, which is an object.`)
}
