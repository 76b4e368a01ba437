import { z } from 'zod'

const Hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/** `GET /node/proof` */
export const OwnNodeChallenge = z.strictObject({ challenge: Hex256 })

/** Proves to programs that may read the node's data folder that this is its node. */
export const OwnNodeProof = z.object({ proof: Hex256 })
