import { type ClusterMemory, fitOf } from './model-fit.ts'
import { weightBytesOf, type ModelGroup } from './model-groups.ts'
import { recommendationRank } from './recommended-models.ts'

export interface ModelSections {
  /** Loaded on some machine, or being loaded. */
  readonly loaded: readonly ModelGroup[]
  /** On this machine, and not loaded. */
  readonly here: readonly ModelGroup[]
  /** Could be downloaded and fit now, the recommended first. */
  readonly fitting: readonly ModelGroup[]
  /** Do not fit now, the smallest first. */
  readonly tooBig: readonly ModelGroup[]
}

export interface ModelFilter {
  readonly search: string
  /** null: all. */
  readonly family: string | null
}

/** @param inUse - ids of the models that are placed, whatever their state */
export function sectionModels(
  groups: readonly ModelGroup[],
  { search, family }: ModelFilter,
  memory: ClusterMemory,
  inUse: ReadonlySet<string>,
): ModelSections {
  const found = groups.filter((group) => (family === null || group.family === family) && matches(group, search))
  const isPlaced = ({ variants }: ModelGroup): boolean =>
    variants.some(({ modelId, madeFrom, loaded }) => loaded || inUse.has(madeFrom ?? modelId))
  const isHere = ({ variants }: ModelGroup): boolean => variants.some((variant) => variant.isHere)
  const fits = ({ variants }: ModelGroup): boolean => variants.some(({ card }) => fitOf(card?.weightBytes, memory) === 'fits')
  const away = found.filter((group) => !isPlaced(group) && !isHere(group))
  const byName = (first: ModelGroup, second: ModelGroup): number => first.name.localeCompare(second.name, 'en', { numeric: true })
  const smallest = ({ variants: [variant] }: ModelGroup): number => (variant ? weightBytesOf(variant) : 0)
  return {
    loaded: found.filter(isPlaced).sort(byName),
    here: found.filter((group) => !isPlaced(group) && isHere(group)).sort(byName),
    fitting: away
      .filter(fits)
      .sort(
        (first, second) =>
          recommendationRank(first) - recommendationRank(second) || smallest(second) - smallest(first) || byName(first, second),
      ),
    tooBig: away.filter((group) => !fits(group)).sort((first, second) => smallest(first) - smallest(second) || byName(first, second)),
  }
}

/** Whether each word is in a name, an alias, the family or a capability. */
function matches({ name, family, variants }: ModelGroup, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [
    name,
    family,
    ...variants.flatMap(({ modelId, aliases, capabilities, card }) => [modelId, ...aliases, ...capabilities, card?.family ?? '']),
  ]
    .join(' ')
    .toLowerCase()
  return words.every((word) => text.includes(word))
}
