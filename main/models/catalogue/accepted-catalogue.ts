import { join } from 'node:path'
import { DurableFile } from '../../platform/files/durable-file.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import { AcceptedCatalogue } from '../../shared/models/signed-catalogue.ts'

const NOTHING: AcceptedCatalogue = { serial: 0, families: [], cards: [] }

const fileOf = (dataDir: string): DurableFile<AcceptedCatalogue> =>
  new DurableFile({
    path: join(dataDir, 'catalogue.json'),
    parse: (text) => AcceptedCatalogue.parse(JSON.parse(text)),
    format: (catalogue) => JSON.stringify(catalogue),
    // `exo models update` fetches it again.
    isExpendable: true,
  })

/** What `exo models update` has accepted, less what this version has built in since; serial 0: nothing. */
export async function readAcceptedCatalogue(dataDir: string): Promise<AcceptedCatalogue> {
  const accepted = (await fileOf(dataDir).read()) ?? NOTHING
  return { ...accepted, families: accepted.families.filter(({ modelType }) => !MODEL_FAMILIES.includes(modelType)) }
}

export function writeAcceptedCatalogue(dataDir: string, catalogue: AcceptedCatalogue): Promise<void> {
  return fileOf(dataDir).write(catalogue)
}

/** The built-in cards and those of the catalogue. A built-in card replaces one with the same id, and keeps its aliases. */
export function withAcceptedCards(builtIn: readonly ModelCard[], accepted: readonly ModelCard[]): readonly ModelCard[] {
  const lower = (name: string): string => name.toLowerCase()
  const taken = new Set(builtIn.flatMap(({ modelId, aliases }) => [modelId, ...aliases].map(lower)))
  return [
    ...builtIn,
    ...accepted
      .filter(({ modelId }) => !taken.has(lower(modelId)))
      .map((card) => ({ ...card, aliases: card.aliases.filter((alias) => !taken.has(lower(alias))) })),
  ]
}
