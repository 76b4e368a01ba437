import { z } from 'zod'

/** What of a running node is open to whom, as `exo doctor` lists it. */
export const Exposure = z.strictObject({
  /** As the API listens on it. */
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
