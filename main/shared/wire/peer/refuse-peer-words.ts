import { isModelName } from '../../ids.ts'
import { refusePeerNumber } from './refuse-peer-number.ts'

const NODE_ID = /^[a-z2-7]{32}$/
const INSTANCE_ID = /^instance-[0-9a-f]{24}$/
const NODE_KEYS: ReadonlySet<string> = new Set(['nodeId', 'leaderId'])
const MODEL_KEYS: ReadonlySet<string> = new Set(['modelId', 'draftModelId'])
/** Records whose keys are node ids. */
const BY_NODE: ReadonlySet<string> = new Set(['nodes', 'links', 'storedModels'])
const BY_INSTANCE: ReadonlySet<string> = new Set(['instances'])
const MAX_DEPTH = 32

/**
 * Checks a peer's message before it is processed: ids must match the pattern that nodes generate, and keys that every
 * object has, numbers out of bounds, and excessive depth are refused. Null, or the problem.
 */
export function refusePeerWords(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (depth > MAX_DEPTH) return 'nested too deeply'
  if (Array.isArray(value)) return firstFault(value, (element) => refusePeerWords(element, depth + 1))
  const entries = Object.entries(value)
  const isLink = 'from' in value && 'to' in value && !('reason' in value)
  return firstFault(entries, ([key, child]) => {
    if (key in Object.prototype) return `the key ${key}`
    if (typeof child === 'number') return refusePeerNumber(key, child)
    return refuseId(key, child, isLink) ?? refuseKeys(key, child) ?? refusePeerWords(child, depth + 1)
  })
}

function refuseId(key: string, value: unknown, isLink: boolean): string | null {
  if (NODE_KEYS.has(key) || (isLink && (key === 'from' || key === 'to')))
    return typeof value === 'string' && NODE_ID.test(value) ? null : `a ${key} that is not a node id`
  if (key === 'instanceId') return typeof value === 'string' && INSTANCE_ID.test(value) ? null : 'an instanceId that is not an instance id'
  if (MODEL_KEYS.has(key))
    return value === undefined || (typeof value === 'string' && isModelName(value)) ? null : `a ${key} that is not a model id`
  if (key === 'deletedInstances' && Array.isArray(value))
    return value.every((id) => typeof id === 'string' && INSTANCE_ID.test(id)) ? null : 'deletedInstances with invalid instance ids'
  return null
}

function refuseKeys(key: string, value: unknown): string | null {
  const pattern = BY_NODE.has(key) ? NODE_ID : BY_INSTANCE.has(key) ? INSTANCE_ID : null
  if (pattern === null || typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.keys(value).every((id) => pattern.test(id)) ? null : `${key} with a key that is not an id`
}

function firstFault<Element>(elements: readonly Element[], faultOf: (element: Element) => string | null): string | null {
  for (const element of elements) {
    const fault = faultOf(element)
    if (fault !== null) return fault
  }
  return null
}
