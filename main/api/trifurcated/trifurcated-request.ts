import { deriveChoiceSeed } from '../../domain/generation/derive-choice-seed.ts'
import type { ChatMessage, InferenceRequest } from '../../shared/inference/inference.ts'
import { TRIT_OF_ROLE, type TrifurcatedGroup, type TrifurcatedRequest, type TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import { toChatInference } from '../openai/chat-request.ts'
import { refuseUnsupported } from '../prompt/refuse-unsupported.ts'
import { validatorMessages } from './validator-prompt.ts'

const VERDICT_TOKENS = 96

const REFUSED: Parameters<typeof refuseUnsupported>[1] = {
  n: (value) => value === 1,
  tools: (value) => Array.isArray(value) && value.length === 0,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  return_token_ids: (value) => value === false,
}

/** The inferences of one trifurcated request, each on the instance of its group. */
export interface TrifurcatedInferences {
  readonly main: InferenceRequest
  readonly speculative: InferenceRequest
  /** @param answer - the main model's answer */
  validator(answer: string): InferenceRequest
}

/**
 * The seed of a role: that of shard 0, 1 or 2 for the trits 0, +1 and -1. The main answer equals that of an ordinary
 * request with the same seed.
 */
function roleSeed(seed: string, role: TrifurcatedRole): string {
  return deriveChoiceSeed(seed, (TRIT_OF_ROLE[role] + 3) % 3)
}

/**
 * @param conversation - the request as an ordinary chat, as returned by `toConversation`
 * @param seed - the seed of the whole request
 */
export function toTrifurcatedInferences(
  conversation: InferenceRequest,
  groups: readonly TrifurcatedGroup[],
  seed: string,
): TrifurcatedInferences {
  // The draft model fits the main model; the other models may have another vocabulary.
  const { draftModel, ...withoutDraft } = conversation
  const of = (role: TrifurcatedRole): InferenceRequest => {
    const group = groups.find((each) => each.role === role)
    return {
      ...withoutDraft,
      ...(role === 'main' && draftModel !== undefined ? { draftModel } : {}),
      requestId: role === 'main' ? conversation.requestId : `${conversation.requestId}-${role}`,
      seed: roleSeed(seed, role),
      trit: TRIT_OF_ROLE[role],
      ...(group ? { model: group.model, instanceId: group.instanceId } : {}),
    }
  }
  const { prompt } = conversation
  const messages: readonly ChatMessage[] = prompt.kind === 'messages' ? prompt.messages : []
  return {
    main: of('main'),
    speculative: of('speculative'),
    validator: (answer) => ({
      ...of('validator'),
      prompt: { kind: 'messages', messages: validatorMessages(messages, answer), tools: [], templateVariables: {} },
      maxTokens: VERDICT_TOKENS,
      temperature: 0,
      stop: [],
      logitBias: [],
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      ignoreEos: false,
    }),
  }
}

/** @throws ApiError 400 for unsupported requests */
export function toConversation(body: TrifurcatedRequest, requestId: string): InferenceRequest {
  refuseUnsupported(body, REFUSED)
  // Unlike a chat, the three answers cannot be constrained to a form yet.
  refuseUnsupported(body)
  return toChatInference(body, requestId)
}
