import { NativeError } from '../../native-error.ts'

/** @throws NativeError `model-unsupported` if a key of config.json has a value that the engine does not support */
export function requireSupported(modelType: string, key: string, value: string, supported: readonly string[]): void {
  if (supported.includes(value)) return
  throw new NativeError(
    'model-unsupported',
    `config.json: ${modelType} models with ${key} "${value}" are not supported; supported: ${supported.join(', ')}.`,
    { key, value, supported },
  )
}
