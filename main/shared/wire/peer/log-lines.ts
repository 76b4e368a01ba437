import { z } from 'zod'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
/** Longest text of one line. A longer one is cut. */
export const LOG_TEXT_LETTERS = 2_000
/** The most lines in one answer. */
export const MOST_LOG_LINES = 500
/** The most bytes of the texts in one answer, so that it fits in one chunk of a stream as JSON. */
export const MOST_LOG_BYTES = 96 * 1024

/** A place in a node's log: the log's own id, which changes when the node restarts, and the number of a line. */
export const LogPlace = z.string().regex(/^[0-9a-f]{16}-\d{1,15}$/)
export type LogPlace = z.infer<typeof LogPlace>

/** A line of a node's log without secrets: message and fields as one text. */
export const LogLine = z.strictObject({
  time: z.iso.datetime(),
  level: z.enum(LOG_LEVELS),
  text: z.string().max(LOG_TEXT_LETTERS),
})
export type LogLine = z.infer<typeof LogLine>

/** Which lines of a log: those after a place, or without one the last. */
export const LogQuery = z.strictObject({
  after: LogPlace.nullable(),
  lines: z.int().min(1).max(MOST_LOG_LINES),
})
export type LogQuery = z.infer<typeof LogQuery>

/** A part of a node's log, oldest line first. */
export const LogPage = z.strictObject({
  lines: z.array(LogLine).max(MOST_LOG_LINES),
  /** Lines between the asked place and the first one here that the node no longer has. */
  lostLines: z.int().min(0),
  /** Where the next part begins. */
  end: LogPlace,
  /** There are more lines after these. */
  hasMore: z.boolean(),
})
export type LogPage = z.infer<typeof LogPage>
