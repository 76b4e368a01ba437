import { isRecord } from '../lenient/json-record.ts'

/** Azure has the model in the address as a deployment, and OpenAI's first API as an engine. */
const MODEL_IN_PATH = /^\/+(?:(?:api\/)?openai\/deployments|(?:openai\/)?(?:v1\/)?engines)\/([^/?]+)\//

/** The model that an address names; null: none. */
export function modelOfPath(url: string): string | null {
  const name = MODEL_IN_PATH.exec(url)?.[1]
  if (name === undefined) return null
  try {
    return decodeURIComponent(name)
  } catch {
    return null
  }
}

/** A body that names no model gets the one of its address. */
export function withModelOfPath(body: unknown, model: string | null): unknown {
  return model !== null && isRecord(body) && (body['model'] === undefined || body['model'] === null) ? { ...body, model } : body
}
