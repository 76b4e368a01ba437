import { z } from 'zod'
import { parseJsonOrNull } from '../../../shared/formats/parse-json-or-null.ts'
import { ResponseObject } from '../../../shared/wire/api/openai-responses.ts'

/**
 * A line of the journal from which a node restores responses after a restart. Each item is stored once, no matter how
 * many responses continue from it.
 */
export const StoredRecord = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('turn'), id: z.int(), items: z.array(z.looseObject({ type: z.string(), id: z.string() })) }),
  z.strictObject({ type: z.literal('response'), response: ResponseObject, turns: z.array(z.int()), atEpochMs: z.number() }),
  z.strictObject({ type: z.literal('removed'), id: z.string() }),
])
export type StoredRecord = z.infer<typeof StoredRecord>

/** null: a truncated line, or one of another version. */
export function parseStoredRecord(line: string): StoredRecord | null {
  return StoredRecord.safeParse(parseJsonOrNull(line)).data ?? null
}
