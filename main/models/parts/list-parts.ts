import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readRegularText } from '../../platform/files/regular-file.ts'
import type { ModelId } from '../../shared/ids.ts'
import { parsePythonJson } from '../../shared/formats/parse-python-json.ts'
import { INDEX_FILE, neededFiles } from '../files/needed-files.ts'
import { lengthOf } from '../files/byte-ranges.ts'
import { PartFolder } from '../files/part-folder.ts'

/** A model that is partly on this node. */
export interface PartListing {
  readonly modelId: ModelId
  readonly commit: string
  readonly dir: string
  readonly presentBytes: number
  /** Size of the complete model's weight files. */
  readonly weightBytes: number
  /** config.json; null if it has not been fetched yet. */
  readonly config: Readonly<Record<string, unknown>> | null
}

export function partsDir(dataDir: string): string {
  return join(dataDir, 'parts')
}

export async function listParts(dataDir: string): Promise<PartListing[]> {
  const names = await readdir(partsDir(dataDir)).catch(() => [])
  const folders = await Promise.all(names.sort().map((name) => PartFolder.find(join(partsDir(dataDir), name))))
  return Promise.all(folders.filter((folder) => folder !== null).map(describe))
}

async function describe(folder: PartFolder): Promise<PartListing> {
  const { modelId, commit, files } = folder.manifest
  const index = (await readJson(folder, INDEX_FILE)) as { weight_map?: Record<string, string> } | null
  const weights = neededFiles(files, index?.weight_map ? new Set(Object.values(index.weight_map)) : null).filter(({ path }) =>
    path.endsWith('.safetensors'),
  )
  return {
    modelId,
    commit,
    dir: folder.dir,
    presentBytes: Object.values(folder.allPresent()).reduce((sum, ranges) => sum + lengthOf(ranges), 0),
    weightBytes: weights.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    config: await readJson(folder, 'config.json'),
  }
}

async function readJson(folder: PartFolder, path: string): Promise<Record<string, unknown> | null> {
  if (!folder.manifest.files.some((file) => file.path === path) || !folder.isWhole(path)) return null
  try {
    return parsePythonJson(await readRegularText(folder.pathOf(path))) as Record<string, unknown>
  } catch {
    return null // unreadable: the next fetch reports it as damaged
  }
}
