import type { ListedModel, ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** The listed model that a name refers to; null: none. */
export async function modelNamed(models: Pick<ModelsPort, 'list'>, name: string): Promise<ListedModel | null> {
  return (await models.list()).find((model) => isNamed(model, name)) ?? null
}

/** Id of the model that is loaded when this one is requested. */
export function weightsOf(model: ListedModel | null): string | null {
  return model ? (model.derived?.from ?? model.modelId) : null
}
