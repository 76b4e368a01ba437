import { AppError } from '../../shared/app-error.ts'
import { type DerivedModel, derivedKey } from '../../shared/wire/api/derived-model.ts'
import type { ListedModel, ModelsPort } from '../api-dependencies.ts'
import { isNamed } from '../models/is-named.ts'

/** Keeps derived models in memory. Deleting any other model succeeds without effect. */
export function scriptedDerived(listed: readonly ListedModel[]): Pick<ModelsPort, 'derived' | 'derive' | 'list' | 'remove'> {
  const made = new Map<string, readonly [string, DerivedModel]>()
  return {
    derived: async (name) => made.get(derivedKey(name))?.[1] ?? null,
    derive: async (name, model) => {
      if (listed.some((known) => isNamed(known, name))) throw new AppError('name-ambiguous', `The name ${name} is taken.`)
      made.set(derivedKey(name), [name, model])
    },
    list: async () => [
      ...listed,
      ...[...made.values()].map(([modelId, derived]) => ({
        ...listed.find((base) => base.modelId === derived.from)!,
        modelId,
        aliases: [],
        derived,
      })),
    ],
    remove: async (modelId) => {
      made.delete(derivedKey(modelId))
      return { modelId }
    },
  }
}
