import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { takeTurns } from '../platform/take-turns.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import { ChosenSettings } from '../shared/wire/node-settings.ts'

/** What the user of this machine has chosen, and is used at the next start too. */
export const NodeSettings = z.strictObject({
  /** null: none was chosen yet. */
  cluster: z.strictObject({ name: z.string().min(1).max(64), key: z.string().min(1).nullable() }).nullable().default(null),
  /** Of the cluster of this machine alone; null: none was made yet. */
  ownClusterKey: z.string().regex(/^[0-9a-f]{64}$/).nullable().default(null),
  machine: ChosenSettings.default({ port: null, peerPort: null, maxMemoryBytes: null, modelCacheDir: null }),
})
export type NodeSettings = z.infer<typeof NodeSettings>

export interface SettingsStore {
  current(): NodeSettings
  /** Kept on disk when this resolves. */
  change(part: Partial<NodeSettings>): Promise<void>
}

/**
 * The settings in the data folder (0600: a cluster key may be among them).
 * @throws AppError `settings-damaged`: a node that forgot its cluster would join another
 */
export async function openSettings(dataDir: string): Promise<SettingsStore> {
  const path = join(dataDir, 'settings.json')
  let settings = parse(await readIfPresent(path), path)
  const inTurn = takeTurns()
  const write = async (): Promise<void> => {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  return {
    current: () => settings,
    change(part) {
      settings = { ...settings, ...part }
      return inTurn(write)
    },
  }
}

async function readIfPresent(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw new AppError('settings-unreadable', `The settings in ${path} cannot be read: ${error.message}`, { path }, error)
  })
}

function parse(text: string, path: string): NodeSettings {
  try {
    return NodeSettings.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('settings-damaged', `The settings in ${path} are damaged (${errorMessage(cause).split('\n', 1)[0]}). Mend the file, or move it away to begin with none.`, { path }, cause)
  }
}
