import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelId } from '../../shared/ids.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { createRouter } from '../create-router.ts'
import type { InferenceRecord } from '../../shared/inference/inference-record.ts'
import type { Router, RouterDependencies } from '../router.ts'
import { type FakeEngineOptions, FakeInstance } from './fake-instance.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const neutral = {
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: [],
  topLogprobs: null,
  promptLogprobs: false,
  ignoreEos: false,
}
export const request = (changes: Partial<InferenceRequest> = {}): InferenceRequest => ({
  requestId: 'request-1',
  model: 'tiny',
  prompt: { kind: 'text', text: 'Say it' },
  maxTokens: null,
  stop: [],
  seed: '7',
  choices: 1,
  ...neutral,
  ...changes,
})

export function setUpRouter(
  engine: FakeEngineOptions,
  changes: Partial<RouterDependencies> = {},
): { router: Router; instance: FakeInstance; records: InferenceRecord[] } {
  const instance = new FakeInstance(engine)
  const records: InferenceRecord[] = []
  const router = createRouter({
    models: {
      resolve: async (name) => {
        if (!['tiny', 'small', 'stranger'].includes(name)) throw new AppError('model-not-found', `There is no model ${name}.`)
        return { modelId: ModelId.parse(name) }
      },
    },
    instances: instance.instances,
    drafts: {
      check: async (_modelId, draftModelId) => {
        if (draftModelId === 'stranger') throw new AppError('draft-unsupported', 'stranger has another vocabulary.')
      },
    },
    clock: systemClock,
    random: systemRandom,
    log,
    onInferenceEnd: (record) => records.push(record),
    ...changes,
  })
  return { router, instance, records }
}

export async function collect(parts: AsyncIterable<InferencePart>): Promise<InferencePart[]> {
  const all: InferencePart[] = []
  for await (const part of parts) all.push(part)
  return all
}

export const never = new AbortController().signal
export const infer = (router: Router, changes: Partial<InferenceRequest> = {}, signal = never): Promise<InferencePart[]> =>
  collect(router.infer(request(changes), signal))
export const answerText = (parts: readonly InferencePart[], choice = 0): string =>
  parts.map((part) => (part.type === 'text-delta' && part.choiceIndex === choice ? part.text : '')).join('')
export const tokensOf = (parts: readonly InferencePart[], choice = 0): number[] =>
  parts.flatMap((part) => (part.type === 'text-delta' && part.choiceIndex === choice ? part.tokens.map(({ tokenId }) => tokenId) : []))
export const endOf = (parts: readonly InferencePart[], choice = 0): InferencePart | undefined =>
  parts.find((part) => part.type === 'choice-end' && part.choiceIndex === choice)

/** The kinds of part in order, with repetitions collapsed. */
export const outline = (parts: readonly InferencePart[]): string =>
  parts
    .map(({ type }) => type)
    .filter((type, index, all) => type !== all[index - 1])
    .join(' ')
