import { z } from 'zod'

/** Who can access a running node, as listed by `exo doctor`. */
export const Exposure = z.strictObject({
  /** The address that the API listens on. */
  apiHost: z.string(),
  apiPort: z.int(),
  asksForToken: z.boolean(),
  namedTokens: z.int().min(0),
  /** Web pages that may call the API, as in the API's options. */
  allowedOrigins: z.array(z.string()),
  /** The cluster's name if anyone on the network can join it; null: it has a key. */
  openCluster: z.string().nullable(),
  peerPort: z.int(),
})
export type Exposure = z.infer<typeof Exposure>
