import type { Hub } from '../../models/hub/open-hub.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { aliasesOfOthers, isUsersName } from '../../shared/models/aliases-of-others.ts'

/** The facts of a catalogue's card that no build of the model changes. */
const SHAPE = [
  'family',
  'layers',
  'hiddenSize',
  'attentionHeads',
  'kvHeads',
  'headDim',
  'vocabSize',
] as const satisfies readonly (keyof ModelCard)[]

/**
 * Whether a card that another node answers with, or has placed, is one of the model that a client named. A name of the hub or of the
 * catalogue stands for that model alone, other nodes do not describe a model of the catalogue differently, and they give no model a name of
 * the cloud.
 */
export function fitsName(card: ModelCard, name: string, hub: Pick<Hub, 'idOf' | 'catalogueCard'>): boolean {
  const known = hub.catalogueCard(card.modelId)
  if (known !== null && (known.modelId !== card.modelId || SHAPE.some((fact) => known[fact] !== card[fact]))) return false
  const hubId = hub.idOf(name)
  if (hubId !== null) return card.modelId === hubId
  if (isUsersName(name)) return false
  const lower = name.toLowerCase()
  return card.modelId === name || aliasesOfOthers(card).some((alias) => alias.toLowerCase() === lower)
}
