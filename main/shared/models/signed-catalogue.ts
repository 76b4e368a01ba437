import { z } from 'zod'
import { asKnownConfig, DescribedFamily, FamilyCheck, MOST_DESCRIBED_FAMILIES } from './described-family.ts'
import { ModelCard } from './model-card.ts'

const MOST_CARDS = 2_000
/** The most layers of a check's model. */
const MOST_CHECKED_LAYERS = 32

/** A family of a catalogue, with the check that it must pass on each machine. */
export const CheckedFamily = DescribedFamily.extend({ check: FamilyCheck }).refine((family) => {
  const layers = asKnownConfig(family, family.check.config)['num_hidden_layers']
  return typeof layers === 'number' && layers <= MOST_CHECKED_LAYERS
}, `the check's model does not have between 1 and ${MOST_CHECKED_LAYERS} layers`)
export type CheckedFamily = z.infer<typeof CheckedFamily>

/**
 * The catalogue that `exo models update` fetches. Each entry is checked separately, so that one for a newer version does not keep
 * the others from being used.
 */
export const SignedCatalogue = z.object({
  format: z.literal(1),
  /** Grows with each catalogue. An older one is refused. */
  serial: z.int().min(1),
  families: z.array(z.unknown()).max(MOST_DESCRIBED_FAMILIES).default([]),
  cards: z.array(z.unknown()).max(MOST_CARDS).default([]),
})
export type SignedCatalogue = z.infer<typeof SignedCatalogue>

/** The entries of a catalogue that this machine accepted. */
export const AcceptedCatalogue = z.strictObject({
  serial: z.int().min(1),
  families: z.array(DescribedFamily).max(MOST_DESCRIBED_FAMILIES),
  cards: z.array(ModelCard).max(MOST_CARDS),
})
export type AcceptedCatalogue = z.infer<typeof AcceptedCatalogue>
