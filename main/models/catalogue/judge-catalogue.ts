import { z } from 'zod'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { type DescribedFamily, findFamily, type KnownFamily } from '../../shared/models/described-family.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { type AcceptedCatalogue, CheckedFamily, SignedCatalogue } from '../../shared/models/signed-catalogue.ts'

/** What happened to one entry of a catalogue. */
interface CatalogueVerdict {
  readonly kind: 'family' | 'card'
  readonly name: string
  /** null: it was accepted. */
  readonly refusal: string | null
}

export interface CataloguePorts {
  readonly builtInFamilies: readonly string[]
  readonly builtInCards: readonly ModelCard[]
  /** Throws if a tiny model of the family does not give its recorded answer here. */
  checkFamily(family: CheckedFamily): Promise<void>
}

/**
 * Parses a catalogue whose signature is valid, and decides on each of its entries.
 *
 * @param knownSerial - of the catalogue that is in use; 0: none
 * @throws AppError `catalogue-invalid` | `catalogue-outdated`
 */
export async function judgeCatalogue(
  bytes: Uint8Array,
  knownSerial: number,
  ports: CataloguePorts,
): Promise<{ readonly accepted: AcceptedCatalogue; readonly verdicts: readonly CatalogueVerdict[] }> {
  const { serial, families, cards } = parseCatalogue(bytes)
  if (serial < knownSerial)
    throw new AppError(
      'catalogue-outdated',
      `The catalogue has the number ${serial}, which is older than number ${knownSerial} in use. Ask its publisher for the newest one.`,
      { serial, knownSerial },
    )
  const verdicts: CatalogueVerdict[] = []
  const acceptedFamilies: DescribedFamily[] = []
  for (const entry of families) {
    const name = nameOf(entry, 'modelType')
    const refusal = await reasonOf(async () => {
      const { check, ...family } = parseEntry(CheckedFamily, entry)
      if (findFamily([...ports.builtInFamilies, ...acceptedFamilies], family.modelType)) throw new Error('this family is known already')
      if (!ports.builtInFamilies.includes(family.like)) throw new Error(`this version of exo does not know the family ${family.like}`)
      await ports.checkFamily({ ...family, check })
      acceptedFamilies.push(family)
    })
    verdicts.push({ kind: 'family', name, refusal })
  }
  const known: readonly KnownFamily[] = [...ports.builtInFamilies, ...acceptedFamilies]
  const acceptedCards: ModelCard[] = []
  for (const entry of cards) {
    const name = nameOf(entry, 'modelId')
    const refusal = await reasonOf(() => {
      const card = parseEntry(ModelCard, entry)
      const isTaken = [...ports.builtInCards, ...acceptedCards].some(({ modelId }) => modelId.toLowerCase() === card.modelId.toLowerCase())
      if (isTaken) throw new Error('a card of this model exists already')
      if (!findFamily(known, card.family)) throw new Error(`its family ${card.family.slice(0, 64)} is unknown here`)
      acceptedCards.push(card)
    })
    verdicts.push({ kind: 'card', name, refusal })
  }
  return { accepted: { serial, families: acceptedFamilies, cards: acceptedCards }, verdicts }
}

function parseCatalogue(bytes: Uint8Array): SignedCatalogue {
  try {
    return SignedCatalogue.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, value: unknown) => {
        if (key === '__proto__') throw new Error('it has a key __proto__')
        return value
      }),
    )
  } catch (cause) {
    const why = cause instanceof z.ZodError ? firstIssue(cause) : errorMessage(cause)
    throw new AppError('catalogue-invalid', `The catalogue is not valid: ${why}. Tell its publisher, or update exo.`, {}, cause)
  }
}

function parseEntry<Schema extends z.ZodType>(schema: Schema, entry: unknown): z.infer<Schema> {
  const { data, error } = schema.safeParse(entry)
  if (error) throw new Error(firstIssue(error))
  return data
}

const firstIssue = ({ issues: [issue] }: z.ZodError): string => `${issue?.path.join('.').slice(0, 128) || 'all of it'}: ${issue?.message}`

async function reasonOf(judge: () => Promise<void> | void): Promise<string | null> {
  try {
    await judge()
    return null
  } catch (error) {
    return errorMessage(error)
  }
}

/** The name of an entry that may be anything, for a line of a terminal. */
function nameOf(entry: unknown, key: string): string {
  const name = typeof entry === 'object' && entry !== null && Object.hasOwn(entry, key) ? (entry as Record<string, unknown>)[key] : null
  return typeof name === 'string' && /^[\w./-]{1,128}$/.test(name) ? name : '(without a valid name)'
}
