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

/** A token of the hub, as it stands in a header. */
export const HubToken = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'Enter the token as Hugging Face shows it, without spaces.')

/** `POST /settings`: what is absent stays. A token is stored and never shown again; null removes it. */
export const SettingsChange = ChosenSettings.partial().extend({ hubToken: HubToken.nullable().optional() })
export type SettingsChange = z.infer<typeof SettingsChange>

/** `GET /settings` */
export const SettingsAnswer = z.strictObject({
  chosen: ChosenSettings,
  /** Whether a token of the hub is stored. */
  hasHubToken: z.boolean(),
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
