import { AppError, errorCode } from '../../shared/app-error.ts'
import type { ImportModelOptions, ModelStore } from './model-store.ts'
import type { ModelFolder } from './read-model-folder.ts'

/** The model that comes with the product. Its card is in the catalogue. */
export const DEFAULT_MODEL_ID = 'exo/SmolLM2-135M-Instruct-Q4'

/**
 * Returns the default model and imports it on first use or if its folder is damaged. Two processes may do so at once.
 *
 * @param ggufPath - where setup put the file
 * @throws AppError `default-model-missing` if it is neither in the store nor at `ggufPath`; the errors of the import
 */
export async function importDefaultModel(
  store: ModelStore,
  ggufPath: string,
  options: Pick<ImportModelOptions, 'onProgress' | 'signal'> = {},
): Promise<ModelFolder> {
  const stored = await store.resolve(DEFAULT_MODEL_ID).catch(async (error: unknown) => {
    if (errorCode(error) === 'model-damaged') await store.remove(DEFAULT_MODEL_ID)
    else if (errorCode(error) !== 'model-not-found') throw error
    return null
  })
  if (stored) return stored
  try {
    return await store.import({ ggufPath, modelId: DEFAULT_MODEL_ID, ...options })
  } catch (error) {
    if (errorCode(error) === 'model-exists') return store.resolve(DEFAULT_MODEL_ID)
    if (errorCode(error) === 'model-not-found')
      throw new AppError(
        'default-model-missing',
        `The default model is missing at ${ggufPath}. Run setup again, or start with --no-default-model.`,
        { ggufPath },
        error,
      )
    throw error
  }
}
