import type { ModelsPort } from '../api-dependencies.ts'

/** The model that a server of one model would name, and its context length; empty and 0 if none is loaded. */
export async function loadedModel(models: Pick<ModelsPort, 'list'>): Promise<{ readonly modelId: string; readonly contextTokens: number }> {
  const model = (await models.list()).find(({ loaded }) => loaded)
  return { modelId: model?.modelId ?? '', contextTokens: model?.contextTokens ?? model?.card?.contextTokens ?? 0 }
}
