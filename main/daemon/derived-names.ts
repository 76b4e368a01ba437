import type { DerivedModels } from '../models/store/derived-models.ts'
import type { MemberPorts } from './member-ports.ts'

/** Finds models by the names of those that the user has made of them, too. */
export function derivedNames(models: MemberPorts['models'], derived: Pick<DerivedModels, 'find'>): MemberPorts['models'] {
  const baseOf = async (name: string): Promise<string> => (await derived.find(name))?.from ?? name
  return {
    resolve: async (name, signal) => models.resolve(await baseOf(name), signal),
    card: async (name, signal) => models.card(await baseOf(name), signal),
  }
}
