import { allowTokens } from '../domain/generation/allow-tokens.ts'
import type { Log } from '../platform/log/log.ts'
import { AppError } from '../shared/app-error.ts'
import { errorFacts } from '../shared/error-codes.ts'
import type { ModelId } from '../shared/ids.ts'
import type { InferenceRequest } from '../shared/inference/inference.ts'
import { preparePrompt } from './prepare-prompt.ts'
import type { InstancesPort } from './router-ports.ts'
import { tokenLimits } from './token-limits.ts'
import { withDefaults } from './with-defaults.ts'

/** Errors of the request itself, which no wait can cure. */
const isRefusal = (error: unknown): boolean => error instanceof AppError && errorFacts((error as AppError).code).status === 400

/**
 * Refuses a request that no instance of the model could serve, before one is loaded: loading takes so long that the
 * status of the answer has been sent when it ends.
 *
 * @throws AppError of status 400
 */
export async function refuseEarly(
  modelId: ModelId,
  request: InferenceRequest,
  instances: InstancesPort,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  try {
    const foreseen = await instances.foresee(modelId, signal, request.contextTokens)
    if (foreseen === null) return
    const whole = withDefaults(request, foreseen)
    const { tokenIds } = await preparePrompt(whole, foreseen, signal)
    allowTokens({ promptTokens: tokenIds.length, contextTokens: foreseen.contextTokens, maxTokens: whole.maxTokens })
    await tokenLimits(whole.tokenRules ?? {}, foreseen.tokenizer, signal)
  } catch (error) {
    if (isRefusal(error) || signal.aborted) throw error
    log.info('a request could not be checked before its model is loaded', { modelId, error })
  }
}
