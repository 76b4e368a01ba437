import { z } from 'zod'

/** Rounds end here: with a slot for each leader, a term stays a number that every node counts exactly. */
export const MAX_ROUND = 2 ** 28
/** Terms of one round, one for each leader. */
export const TERM_SLOTS = 2 ** 24
export const MAX_TERM = MAX_ROUND * TERM_SLOTS + TERM_SLOTS - 1

export const Round = z.int().min(0).max(MAX_ROUND)
export const Term = z.int().min(0).max(MAX_TERM)
/** Ten a second: more than any reign of a million years. */
export const Beat = z
  .int()
  .min(0)
  .max(2 ** 48)
/** Of the log; an event is at most a message. */
export const LogIndex = z
  .int()
  .min(0)
  .max(2 ** 48)
/** How often an instance was placed. */
export const Epoch = z
  .int()
  .min(0)
  .max(2 ** 31)
