import type { DerivedModels } from '../../models/store/derived-models.ts'
import type { CurrentMember } from './current-member.ts'

/** Also finds models by the names of the user's derived models. */
export function derivedNames(models: CurrentMember['models'], derived: Pick<DerivedModels, 'find'>): CurrentMember['models'] {
  const baseOf = async (name: string): Promise<string> => (await derived.find(name))?.from ?? name
  return {
    resolve: async (name, signal) => models.resolve(await baseOf(name), signal),
    cardToPlan: async (name, signal) => models.cardToPlan(await baseOf(name), signal),
    card: async (name, signal) => models.card(await baseOf(name), signal),
  }
}
