import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { MOST_GENERATIONS } from '../../shared/inference/most-generations.ts'
import type { InferencePort } from '../api-dependencies.ts'
import type { ToolTexts } from '../bodies/tool-texts.ts'
import { mergeBounded } from './merge-bounded.ts'

/** Prompts of one request that run at the same time; fewer if each has so many choices that even an idle instance would refuse some. */
const PROMPTS_AT_ONCE = 8
/** Number of ids whose inference is remembered after its end. */
const REMEMBERED_IDS = 512

export interface RunningRequest {
  /** The parts of one prompt. */
  infer(prompt: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart>
  /** Parts of all prompts as they arrive; `promptIndex` is a prompt's position in the request. */
  inferAll(prompts: readonly InferenceRequest[], signal: AbortSignal): AsyncIterable<IndexedPart>
  /** Ends one of the request's inferences. Others may follow. */
  endOne(requestId: string): void
  end(): void
}

export interface IndexedPart {
  readonly promptIndex: number
  readonly part: InferencePart
}

function withToolTexts(request: InferenceRequest, texts: ToolTexts): InferenceRequest {
  const { prompt } = request
  if (texts.size === 0 || prompt.kind !== 'messages') return request
  const tools = prompt.tools.map((tool) => ({
    ...tool,
    ...(tool.parameters === undefined || !texts.has(tool.name) ? {} : { parametersJson: texts.get(tool.name) }),
  }))
  return { ...request, prompt: { ...prompt, tools } }
}

/** Finds each running request by its answer's id or its `x-request-id`, so that clients can cancel it or read its trace by either. */
export class RunningRequests {
  private readonly inference: InferencePort
  private readonly derive: (request: InferenceRequest) => Promise<InferenceRequest>
  private readonly runningById = new Map<string, Set<string>>()
  private readonly inferenceById = new Map<string, string>()
  private readonly answersByModel = new Map<string, number>()
  private readonly cancelledSets = new WeakSet<Set<string>>()

  /** @param derive - resolves the derived model of a request: see api/derived */
  constructor(inference: InferencePort, derive: (request: InferenceRequest) => Promise<InferenceRequest>) {
    this.inference = inference
    this.derive = derive
  }

  /** @param toolTexts - the tools as the client wrote them */
  start(ids: readonly string[], toolTexts: ToolTexts = new Map()): RunningRequest {
    const started = new Set<string>()
    for (const id of ids) this.runningById.set(id, started)
    return {
      infer: (prompt, signal) => {
        this.remember(ids, prompt.requestId)
        return this.inferOne(withToolTexts(prompt, toolTexts), started, signal)
      },
      inferAll: (prompts, signal) => {
        if (prompts[0]) this.remember(ids, prompts[0].requestId)
        return mergeBounded(
          prompts.map(
            (prompt, promptIndex) => () => indexed(this.inferOne(withToolTexts(prompt, toolTexts), started, signal), promptIndex),
          ),
          Math.max(1, Math.min(PROMPTS_AT_ONCE, Math.floor(MOST_GENERATIONS / (prompts[0]?.choices ?? 1)))),
        )
      },
      endOne: (requestId) => void this.inference.cancel(requestId),
      end: () => {
        for (const id of ids) if (this.runningById.get(id) === started) this.runningById.delete(id)
      },
    }
  }

  /** @returns false if no such request is running */
  cancel(id: string): boolean {
    const started = this.runningById.get(id)
    if (!started) return this.inference.cancel(id)
    this.cancelledSets.add(started)
    for (const requestId of started) this.inference.cancel(requestId)
    return true
  }

  /** The first inference of a request that is running or has recently ended; an unknown id is returned as it is. */
  inferenceOf(id: string): string {
    return this.inferenceById.get(id) ?? id
  }

  /** How many answers of a model are being written or awaited by this node's clients; `names` are all that it has. */
  answersOf(names: ReadonlySet<string>): number {
    return [...names].reduce((sum, name) => sum + (this.answersByModel.get(name) ?? 0), 0)
  }

  private count(modelId: string, change: number): void {
    const answers = (this.answersByModel.get(modelId) ?? 0) + change
    if (answers > 0) this.answersByModel.set(modelId, answers)
    else this.answersByModel.delete(modelId)
  }

  private remember(ids: readonly string[], inferenceId: string): void {
    for (const id of ids) {
      this.inferenceById.delete(id)
      this.inferenceById.set(id, inferenceId)
    }
    for (const [oldest] of [...this.inferenceById].slice(0, Math.max(0, this.inferenceById.size - REMEMBERED_IDS)))
      this.inferenceById.delete(oldest)
  }

  private async *inferOne(request: InferenceRequest, started: Set<string>, signal: AbortSignal): AsyncIterable<InferencePart> {
    if (this.cancelledSets.has(started)) throw new AppError('cancelled', 'The request was cancelled before all its prompts had started.')
    started.add(request.requestId)
    let counted: string | null = null
    const countAs = (model: string | null): void => {
      if (counted !== null) this.count(counted, -1)
      if (model !== null) this.count(model, 1)
      counted = model
    }
    try {
      const derived = await this.derive(request)
      countAs(derived.model)
      for await (const part of this.inference.infer(derived, signal)) {
        if (part.type === 'accepted') countAs(part.modelId)
        yield part
      }
    } finally {
      started.delete(request.requestId)
      countAs(null)
    }
  }
}

async function* indexed(parts: AsyncIterable<InferencePart>, promptIndex: number): AsyncGenerator<IndexedPart> {
  for await (const part of parts) yield { promptIndex, part }
}
