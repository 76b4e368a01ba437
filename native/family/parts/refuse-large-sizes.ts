import { isJsonObject } from '../../../main/shared/formats/json-value.ts'
import { NativeError } from '../../native-error.ts'

/** Far more than any model has; a description with more would take the memory of the machine before anything is loaded. */
const MOST: readonly (readonly [key: RegExp, most: number])[] = [
  [/(^|_)layers?$/, 10_000],
  [/(^|_)(heads?|dim|dims|experts|groups?|topk|top_k)$/, 1 << 20],
  [/(^|_)(size|rank|channels|vocab)$/, 1 << 24],
]

/** @throws NativeError `model-damaged` if the config, or a part of it, has a size that no model has */
export function refuseLargeSizes(config: object, configPath: string): void {
  for (const [key, value] of Object.entries(config)) {
    if (isJsonObject(value)) refuseLargeSizes(value, configPath)
    if (typeof value !== 'number') continue
    const most = MOST.find(([pattern]) => pattern.test(key))?.[1]
    if (most !== undefined && value > most)
      throw new NativeError('model-damaged', `${configPath}: ${key} is ${value}; the most that any model has is far below ${most}.`, {
        file: configPath,
        key,
      })
  }
}
