import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../platform/files/durable-file.ts'

const Aliases = z.record(z.string().min(1).max(256), z.string().min(1).max(1024))
export type ModelAliases = Readonly<z.infer<typeof Aliases>>

const fileOf = (dataDir: string): DurableFile<z.infer<typeof Aliases>> =>
  new DurableFile({
    path: join(dataDir, 'model-aliases.json'),
    parse: (text) => Aliases.parse(JSON.parse(text)),
    format: (aliases) => JSON.stringify(aliases),
  })

/** Names that the user has given to models: the name in a request and the model that answers it. */
export async function readModelAliases(dataDir: string): Promise<ModelAliases> {
  return (await fileOf(dataDir).read()) ?? {}
}

/** @param model - null: removes the name */
export async function setModelAlias(dataDir: string, name: string, model: string | null): Promise<void> {
  await fileOf(dataDir).change((aliases) =>
    Object.fromEntries([
      ...Object.entries(aliases ?? {}).filter(([known]) => known !== name),
      ...(model === null ? [] : [[name, model] as const]),
    ]),
  )
}
