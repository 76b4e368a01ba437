import { join } from 'node:path'
import { z } from 'zod'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { ChosenSettings, HubToken } from '../../shared/wire/api/node-settings.ts'

/** The user's choices on this machine, which also apply at the next start. */
export const NodeSettings = z.strictObject({
  /** null: no cluster has been chosen yet. */
  cluster: z
    .strictObject({ name: z.string().min(1).max(64), key: z.string().min(1).nullable() })
    .nullable()
    .default(null),
  /** The single-machine cluster, as stored by earlier versions; now it is one of the clusters that this machine is a member of. */
  ownClusterKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null),
  /** For gated and private models; null: none. */
  hubToken: HubToken.nullable().default(null),
  // Earlier versions did not know whether it is on the network.
  machine: ChosenSettings.extend({ isOnNetwork: z.boolean().nullable().default(null) }).default({
    port: null,
    peerPort: null,
    maxMemoryBytes: null,
    modelCacheDir: null,
    isOnNetwork: null,
  }),
})
export type NodeSettings = z.infer<typeof NodeSettings>

export interface SettingsStore {
  current(): NodeSettings
  /** Saved on disk when this resolves; if it rejects, `current` is unchanged. */
  change(part: Partial<NodeSettings>): Promise<void>
}

/**
 * The settings in the data folder (0600, because they may contain a cluster key and a token).
 * @throws AppError `settings-damaged`: a node without its cluster setting would join another cluster
 */
export async function openSettings(dataDir: string, watch?: DiskWatch): Promise<SettingsStore> {
  const file = new DurableFile<NodeSettings>({
    path: join(dataDir, 'settings.json'),
    parse: (text) => NodeSettings.parse(JSON.parse(text)),
    format: (settings) => `${JSON.stringify(settings, null, 2)}\n`,
    watch,
  })
  let settings = (await read(file)) ?? NodeSettings.parse({})
  const inTurn = takeTurns()
  return {
    current: () => settings,
    change: (part) =>
      inTurn(async () => {
        const changed = { ...settings, ...part }
        await file.write(changed)
        settings = changed
      }),
  }
}

async function read(file: DurableFile<NodeSettings>): Promise<NodeSettings | null> {
  const { path } = file
  try {
    return await file.read()
  } catch (cause) {
    if (errorCode(cause) !== 'file-damaged')
      throw new AppError('settings-unreadable', `The settings in ${path} cannot be read: ${errorMessage(cause)}`, { path }, cause)
    throw new AppError(
      'settings-damaged',
      `The settings in ${path} are damaged. Repair the file, or move it away to start with the defaults. ${errorMessage(cause)}`,
      { path },
      cause,
    )
  }
}
