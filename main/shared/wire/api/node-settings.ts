import { z } from 'zod'

const Port = z.int().min(0).max(65535)

/** The user's settings of this machine; null: the default. They take effect at the next start; flags override them. */
export const ChosenSettings = z.strictObject({
  port: Port.nullable(),
  peerPort: Port.nullable(),
  maxMemoryBytes: z.int().min(1).nullable(),
  /** An absolute path: the folder where models from the hub are stored. */
  /** Whether other devices on the network may use the API, with a token. */
  isOnNetwork: z.boolean().nullable(),
  modelCacheDir: z.string().max(1024).regex(/^\//, 'Enter an absolute path, starting with /.').nullable(),
})
export type ChosenSettings = z.infer<typeof ChosenSettings>

/** `GET /settings` */
export const SettingsAnswer = z.strictObject({
  chosen: ChosenSettings,
  /** The values in use now. */
  inUse: z.strictObject({
    port: Port,
    peerPort: Port,
    maxMemoryBytes: z.int().nullable(),
    modelCacheDir: z.string(),
    dataDir: z.string(),
    isOnNetwork: z.boolean(),
    /** Where other devices reach the API, the likeliest address first; empty: nowhere. */
    networkUrls: z.array(z.url()),
  }),
})
export type SettingsAnswer = z.infer<typeof SettingsAnswer>
