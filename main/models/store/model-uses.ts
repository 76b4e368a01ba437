import { join } from 'node:path'
import { z } from 'zod'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import type { ModelId } from '../../shared/ids.ts'

const Uses = z.record(z.string(), z.number())
type Uses = z.infer<typeof Uses>

const fileOf = (dataDir: string, watch?: DiskWatch): DurableFile<Uses> =>
  new DurableFile({
    path: join(dataDir, 'model-uses.json'),
    parse: (text) => Uses.parse(JSON.parse(text)),
    format: (uses) => JSON.stringify(uses),
    isExpendable: true,
    watch,
  })

/** When each model was last loaded here, in milliseconds since 1970. */
export async function readModelUses(dataDir: string): Promise<Readonly<Record<string, number>>> {
  return (await fileOf(dataDir).read()) ?? {}
}

export async function noteModelUse(dataDir: string, modelId: ModelId, epochMs: number, watch?: DiskWatch): Promise<void> {
  await fileOf(dataDir, watch).change((uses) => ({ ...uses, [modelId]: epochMs }))
}
