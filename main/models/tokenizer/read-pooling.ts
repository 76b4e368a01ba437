import type { Pooling } from '../../shared/inference/generation.ts'
import type { JsonFileObject } from './read-tokenizer-files.ts'

const MODES = [
  ['pooling_mode_lasttoken', 'last'],
  ['pooling_mode_cls_token', 'first'],
  ['pooling_mode_mean_tokens', 'mean'],
] as const

/** The pooling given by `1_Pooling/config.json`; null if it names none that the engine computes. */
export function readPooling(poolingConfig: JsonFileObject): Pooling | null {
  return MODES.find(([name]) => poolingConfig[name] === true)?.[1] ?? null
}
