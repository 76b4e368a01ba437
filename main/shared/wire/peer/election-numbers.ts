import { z } from 'zod'

/** The last round: together with the slot of a leader, a term remains an exactly representable integer. */
export const MAX_ROUND = 2 ** 28
/** Terms per round, one for each leader. */
export const TERM_SLOTS = 2 ** 24
export const MAX_TERM = MAX_ROUND * TERM_SLOTS + TERM_SLOTS - 1

export const Round = z.int().min(0).max(MAX_ROUND)
export const Term = z.int().min(0).max(MAX_TERM)
/** At ten per second this lasts for 890,000 years. */
export const Beat = z
  .int()
  .min(0)
  .max(2 ** 48)
/** Index in the log. */
export const LogIndex = z
  .int()
  .min(0)
  .max(2 ** 48)
/** How often an instance was placed. */
export const Epoch = z
  .int()
  .min(0)
  .max(2 ** 31)
