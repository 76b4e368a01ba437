import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ModelId } from '../../shared/ids.ts'

const Uses = z.record(z.string(), z.number())

const fileOf = (dataDir: string): string => join(dataDir, 'model-uses.json')

/** When each model was last loaded here, in milliseconds since 1970. */
export async function readModelUses(dataDir: string): Promise<Readonly<Record<string, number>>> {
  try {
    return Uses.parse(JSON.parse(await readFile(fileOf(dataDir), 'utf8')))
  } catch {
    return {} // none yet; what is lost of it is no loss
  }
}

export async function noteModelUse(dataDir: string, modelId: ModelId, epochMs: number): Promise<void> {
  const path = fileOf(dataDir)
  await mkdir(dirname(path), { recursive: true })
  const text = JSON.stringify({ ...(await readModelUses(dataDir)), [modelId]: epochMs })
  await writeFile(`${path}.${process.pid}`, text)
  await rename(`${path}.${process.pid}`, path)
}
