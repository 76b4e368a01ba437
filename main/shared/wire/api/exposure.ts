import { z } from 'zod'

/** Who can access a running node, as listed by `exo doctor`. */
export const Exposure = z.strictObject({
  /** The address that the API listens on. */
  apiHost: z.string(),
  apiPort: z.int(),
  asksForToken: z.boolean(),
  namedTokens: z.int().min(0),
  /** Web pages that may call; as in the API's options. */
  allowedOrigins: z.array(z.string()),
  /** The cluster's name where everyone on the network gets into it; null: it has a key. */
  openCluster: z.string().nullable(),
  peerPort: z.int(),
})
export type Exposure = z.infer<typeof Exposure>
