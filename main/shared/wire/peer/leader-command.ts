import { z } from 'zod'
import { InstanceId } from '../../ids.ts'
import { ModelCard } from '../../models/model-card.ts'
import { PlacementRequest } from '../../placement.ts'
import { isWithin, peerText } from '../../formats/peer-text.ts'

/** Far more than a card and the names of some nodes take. */
const MOST_COMMAND_LETTERS = 2 ** 14

/** Commands that any node can send to the leader, each on its own stream. */
export const LeaderCommand = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('place-instance'),
      /** The sending node has the model's files or its card; the leader need not. */
      card: ModelCard,
      request: PlacementRequest,
      /** Stays loaded when idle. */
      pinned: z.boolean(),
      /** Whether an existing instance of the model is accepted if it lies within the requested nodes. */
      reuse: z.boolean(),
    }),
    z.strictObject({ type: z.literal('delete-instance'), instanceId: InstanceId, reason: peerText(2000) }),
  ])
  .refine(isWithin(MOST_COMMAND_LETTERS), 'the command is too large')
export type LeaderCommand = z.infer<typeof LeaderCommand>

/** The leader has logged the command; a refusal is sent as the stream's error. */
export const LeaderAnswer = z.strictObject({ instanceId: InstanceId })
export type LeaderAnswer = z.infer<typeof LeaderAnswer>
