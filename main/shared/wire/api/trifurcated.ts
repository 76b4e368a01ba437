import { z } from 'zod'
import { InstanceId, NodeId } from '../../ids.ts'
import { Trit } from '../../inference/trit.ts'
import { ChatCompletionRequest, WireFinishReason, WireUsage } from './openai.ts'

/** The roles in one request: the validator (trit -1) judges the answer of the main model (0); the speculative model (+1) drafts. */
export const TrifurcatedRole = z.enum(['validator', 'main', 'speculative'])
export type TrifurcatedRole = z.infer<typeof TrifurcatedRole>

/** Their sum in GF(3) is 0. */
export const TRIT_OF_ROLE = { validator: -1, main: 0, speculative: 1 } as const satisfies Readonly<Record<TrifurcatedRole, Trit>>

/** A chat request without tools, choices and logprobs, plus the models for the other two roles. */
export const TrifurcatedRequest = ChatCompletionRequest.omit({
  n: true,
  tools: true,
  parallel_tool_calls: true,
  logprobs: true,
  top_logprobs: true,
  return_token_ids: true,
}).extend({
  /** Omitted or not available: the main model. */
  validator_model: z.string().min(1).nullish(),
  speculative_model: z.string().min(1).nullish(),
})
export type TrifurcatedRequest = z.infer<typeof TrifurcatedRequest>

/** `unknown`: the verdict could not be parsed, or the validator failed; `reason` says which. */
export const Verdict = z.strictObject({ verdict: z.enum(['safe', 'flagged', 'unknown']), reason: z.string() })
export type Verdict = z.infer<typeof Verdict>

const roleFields = { role: TrifurcatedRole, trit: Trit }

/** The devices that one role runs on. */
export const TrifurcatedGroup = z.strictObject({
  ...roleFields,
  model: z.string(),
  instanceId: InstanceId,
  /** Index = rank. */
  nodes: z.array(NodeId).min(1),
  /** Roles that run on some of the same nodes; empty: the group is disjoint from the others. */
  sharesWith: z.array(TrifurcatedRole),
  /** Why the model or the nodes are not the requested ones, for the user; null: they are. */
  notice: z.string().nullable(),
})
export type TrifurcatedGroup = z.infer<typeof TrifurcatedGroup>

const RoleSummary = z.strictObject({
  /** null: it failed, or was cancelled before it started. */
  finish_reason: WireFinishReason.nullable(),
  /** The seed of its sampling; unsigned 64-bit, in decimal. */
  seed: z.string(),
  usage: WireUsage.nullable(),
  /** Why the role failed; a failure of the main role is that of the request. */
  error: z.string().nullable(),
})

export const TrifurcatedAnswer = z.strictObject({
  id: z.string(),
  object: z.literal('trifurcated'),
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string(),
  validated: Verdict,
  /** The main model's text. */
  response: z.string(),
  /** The draft's text; null: it failed. */
  speculative: z.string().nullable(),
  groups: z.array(TrifurcatedGroup).length(3),
  /** The sum of the groups' trits in GF(3). */
  trit_sum: z.literal(0),
  /** The seed of the request; the same seed gives the same texts. */
  seed: z.string(),
  details: z.record(TrifurcatedRole, RoleSummary),
})
export type TrifurcatedAnswer = z.infer<typeof TrifurcatedAnswer>

/**
 * One server-sent event; `[DONE]` follows the last. Order: a `group` for each role; then, per role, `delta`* and one
 * `end`; the validator's `verdict` after the main role's `end`; finally the whole `answer`.
 */
export const TrifurcatedEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('group'), ...TrifurcatedGroup.shape }),
  z.strictObject({
    type: z.literal('delta'),
    ...roleFields,
    text: z.string(),
    /** The reasoning of the model, separate from its text. */ reasoning: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('end'), ...roleFields, ...RoleSummary.shape }),
  z.strictObject({ type: z.literal('verdict'), ...roleFields, ...Verdict.shape }),
  z.strictObject({ type: z.literal('answer'), ...roleFields, answer: TrifurcatedAnswer }),
])
export type TrifurcatedEvent = z.infer<typeof TrifurcatedEvent>
