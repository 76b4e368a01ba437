import { plainText } from '../formats/plain-text.ts'
import { isCloudName, isDefaultName } from './general-names.ts'
import type { ModelCard } from './model-card.ts'
import { ownName } from './own-name.ts'

const MOST_ALIASES = 16
const MOST_LETTERS = 128

/** Whether another node may not give this name to a model: the user of each machine says which model stands for it. */
export function isUsersName(name: string): boolean {
  const own = ownName(name).toLowerCase()
  return [name.toLowerCase(), own].some((word) => isCloudName(word) || isDefaultName(word))
}

/** The names of a model of which only other nodes know, as far as they may give them. */
export function aliasesOfOthers({ aliases }: Pick<ModelCard, 'aliases'>): string[] {
  return aliases.slice(0, MOST_ALIASES).filter((alias) => alias.length <= MOST_LETTERS && plainText(alias) === alias && !isUsersName(alias))
}
