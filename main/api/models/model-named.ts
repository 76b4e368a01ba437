import type { ListedModel, ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** The model that a client means; null: none that is listed. */
export async function modelNamed(models: Pick<ModelsPort, 'list'>, name: string): Promise<ListedModel | null> {
  return (await models.list()).find((model) => isNamed(model, name)) ?? null
}

/** Id of the model that is loaded where this one is asked for. */
export function weightsOf(model: ListedModel | null): string | null {
  return model ? (model.derived?.from ?? model.modelId) : null
}
