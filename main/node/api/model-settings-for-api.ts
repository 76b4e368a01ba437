import type { ModelSettingsPort } from '../../api/api-dependencies.ts'
import type { ModelSettingsFile } from '../../models/store/model-settings-file.ts'

export function createModelSettingsForApi(
  file: ModelSettingsFile,
  resolve: (name: string) => Promise<{ readonly modelId: string }>,
): ModelSettingsPort {
  return {
    all: async () => Object.fromEntries(await file.all()),
    async set(model, settings) {
      const { modelId } = await resolve(model)
      await file.set(modelId, settings)
      return { modelId, settings: await file.of(modelId) }
    },
  }
}
