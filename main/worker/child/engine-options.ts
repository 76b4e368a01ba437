import { AppError } from '../../shared/app-error.ts'

/** Options besides a shard's own settings, for measurements and tests. */
export interface EngineOptions {
  readonly useArrays: boolean
  readonly keepsTypes: boolean
  readonly countsSteps: boolean
}

/** `arrays` runs the GPU's code on the CPU; `arrays-as-stored` computes with half-precision floats as stored, like a GPU. */
const ENGINES = { kernels: {}, arrays: { useArrays: true }, 'arrays-as-stored': { useArrays: true, keepsTypes: true } } as const

/**
 * Engine options from the environment: `EXO_ENGINE`, and `EXO_STEP_COUNTERS=1`.
 *
 * @throws AppError `engine-unknown`
 */
export function engineOptions(environment: Readonly<Record<string, string | undefined>>): EngineOptions {
  const name = environment['EXO_ENGINE'] || 'kernels'
  if (!Object.hasOwn(ENGINES, name)) {
    throw new AppError('engine-unknown', `EXO_ENGINE is "${name}". Set it to ${Object.keys(ENGINES).join(', ')}, or leave it out.`, {
      name,
    })
  }
  const chosen = ENGINES[name as keyof typeof ENGINES]
  return { useArrays: false, keepsTypes: false, ...chosen, countsSteps: environment['EXO_STEP_COUNTERS'] === '1' }
}
