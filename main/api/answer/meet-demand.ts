import { inputGrammar } from '../../domain/generation/form/lark/input-grammar.ts'
import { findJsonEnd } from '../../domain/generation/json/find-json-end.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { InferenceRequest, ToolDefinition } from '../../shared/inference/inference.ts'
import { isRepeating } from '../../domain/generation/text/is-repeating.ts'
import { type CheckedDemand, demandingRequest, isCertainDemand, REPEATS_ITSELF } from '../form/answer-demand.ts'
import { type Fitting, fitAnswer } from './fit-answer.ts'
import type { ChatPart, OutputPiece } from './split-output.ts'
import { textOf } from './split-output.ts'
import { withPatterns } from '../form/with-patterns.ts'

const WANTED: Readonly<Record<CheckedDemand['kind'], string>> = {
  json: 'JSON in the requested format',
  call: 'the requested call',
  choice: 'one of the choices',
  pattern: 'a text that the pattern matches',
}

/** After this many values or calls that do not fit, the model repeats itself and is stopped. */
const MOST_UNFIT = 3
/** Text after which a repetition is looked for again. */
const REPETITION_STEP = 40
/** How much of a streamed answer has to repeat: it cannot be asked for again, and a long list may well have equal values. */
const REPEATED_IN_STREAM = 2_048
/** Text after which a choice can no longer begin. */
const BEYOND_CHOICE = 16

type OutputDelta = Extract<ChatPart, { type: 'output-delta' }>
type OutputEnd = Extract<ChatPart, { type: 'output-end' }>
type InferenceEnd = Extract<ChatPart, { type: 'inference-end' }>

export interface Attempts {
  /** Runs a request and splits its output into parts. @param tellsCalls - calls are reported while they are written */
  readonly run: (request: InferenceRequest, tellsCalls: boolean) => AsyncIterable<ChatPart>
  /** Ends a request of whose answer no more is needed. */
  readonly end: (requestId: string) => void
}

export interface DemandOptions {
  /** False: calls after the first are dropped. */
  readonly isParallel: boolean
  /** The client reads the answer while it is generated. */
  readonly isStreamed: boolean
  /** The client reads calls while they are written. */
  readonly tellsCalls: boolean
  /** Why the previous answer was rejected; set on the second attempt. */
  readonly misfit?: string
}

const unfit = (what: string, { kind }: CheckedDemand, misfit: string): AppError =>
  new AppError('answer-unfit', `${what} with ${WANTED[kind]}: ${misfit}. Rephrase the request or use a larger model.`)

/** An attempt's part, its request, and whether the grammar makes sure that the answer fits. */
type AskedPart = { readonly part: ChatPart; readonly requestId: string; readonly isEnforced: boolean }

/**
 * The parts of a request that a grammar may bind. An engine refuses a grammar before its first part: the model is then asked without.
 */
export async function* askEnforced(
  requestOf: (isEnforced: boolean) => InferenceRequest,
  run: (request: InferenceRequest) => AsyncIterable<ChatPart>,
): AsyncGenerator<AskedPart> {
  const asked = requestOf(true)
  const isEnforced = asked.grammar !== undefined || asked.calls !== undefined
  try {
    for await (const part of run(asked)) yield { part, requestId: asked.requestId, isEnforced }
  } catch (error) {
    // Nothing checks afterwards whether a text follows a Lark grammar.
    const hasLark = asked.calls?.tools.some(({ schema }) => inputGrammar(schema) !== null) === true
    if (!isEnforced || hasLark || errorCode(error) !== 'grammar-unsupported') throw error
    const free = requestOf(false)
    for await (const part of run(free)) yield { part, requestId: free.requestId, isEnforced: false }
  }
}

/** One choice, held back until it is known whether it meets the demand. */
class HeldChoice {
  readonly deltas: OutputDelta[] = []
  end: OutputEnd | null = null
  /** Nothing that follows can change whether the answer fits. */
  isDecided = false
  private readonly demand: CheckedDemand
  private readonly tools: readonly ToolDefinition[]
  private jsonEnd = findJsonEnd()
  private unfit = 0
  private content = ''
  private soughtTo = 0
  /** The model was stopped because its answer would not have ended. */
  repeats = false

  constructor(demand: CheckedDemand, tools: readonly ToolDefinition[]) {
    this.demand = demand
    this.tools = tools
  }

  /**
   * @param isEnforced - a grammar ends the answer, which may have several calls
   * @param isSent - the client has the answer already
   */
  async add(delta: OutputDelta, isEnforced: boolean, isSent: boolean): Promise<void> {
    this.deltas.push(delta)
    if (this.demand.kind === 'json' && !this.isDecided) this.lookForRepetition(textOf(delta.pieces, 'content'), isSent)
    if (this.isDecided || !this.completesSomething(delta)) return
    const isFit = (await this.fit()).misfit === null
    if (!isFit) this.unfit += 1
    const isLast = isFit && !(isEnforced && this.demand.kind === 'call')
    this.isDecided = isLast || this.demand.kind === 'choice' || this.unfit === MOST_UNFIT
  }

  /** Whether the answer is worth a check: it has one more whole value or call, or is longer than a choice. */
  private completesSomething({ pieces }: OutputDelta): boolean {
    const { demand } = this
    if (demand.kind === 'call') return pieces.some((piece) => piece.type === 'tool-call')
    if (demand.kind === 'choice') {
      const longest = Math.max(...demand.choices.map((choice) => choice.length))
      return textOf(this.pieces, 'content').trim().length > longest + BEYOND_CHOICE
    }
    if (demand.kind === 'pattern' || !this.jsonEnd.push(textOf(pieces, 'content'))) return false
    this.jsonEnd = findJsonEnd()
    return true
  }

  private lookForRepetition(more: string, isSent: boolean): void {
    this.content += more
    if (this.content.length < this.soughtTo) return
    this.soughtTo = this.content.length + REPETITION_STEP
    this.repeats = isRepeating(this.content, isSent ? REPEATED_IN_STREAM : undefined)
    this.isDecided = this.repeats
  }

  private fit(): Promise<Fitting> {
    return withPatterns((matches) => fitAnswer(this.pieces, this.demand, this.tools, matches))
  }

  get pieces(): OutputPiece[] {
    return this.deltas.flatMap((delta) => delta.pieces)
  }

  /**
   * The parts for the client, or the reason why the answer does not fit. An answer that was cut short by its limit or
   * by the client is passed on as it is.
   */
  async settle(): Promise<{ readonly parts: readonly ChatPart[] } | { readonly misfit: string }> {
    const { end } = this
    if (!end) return { misfit: 'it has no end' }
    const fitting = await this.fit()
    if (fitting.misfit !== null) {
      const isCut = end.finishReason === 'length' || (end.finishReason === 'cancelled' && !this.isDecided)
      return isCut ? { parts: [...this.deltas, end] } : { misfit: this.repeats ? REPEATS_ITSELF : fitting.misfit }
    }
    const hasCalls = fitting.pieces.some((piece) => piece.type === 'tool-call')
    const isSame =
      !hasCalls && (['content', 'reasoning'] as const).every((type) => textOf(fitting.pieces, type) === textOf(this.pieces, type))
    const { choiceIndex } = end
    const whole: OutputDelta = {
      type: 'output-delta',
      choiceIndex,
      pieces: fitting.pieces,
      tokens: this.deltas.flatMap(({ tokens }) => tokens),
    }
    return { parts: [...(isSame ? this.deltas : [whole]), { ...end, finishReason: hasCalls ? 'tool-calls' : 'stop' }] }
  }
}

export function sumInferences(first: InferenceEnd | null, second: InferenceEnd): InferenceEnd {
  if (!first) return second
  const { usage, timings } = second
  return {
    ...second,
    usage: { ...first.usage, completionTokens: first.usage.completionTokens + usage.completionTokens },
    timings: { ...timings, ttftMs: first.timings.totalMs + timings.ttftMs, totalMs: first.timings.totalMs + timings.totalMs },
  }
}

/**
 * The parts of an answer that must be JSON or a call. An answer that a grammar does not make certain is held until it is known to
 * meet the demand. If it does not, the model is asked once more.
 *
 * @throws AppError `answer-unfit` if the second answer does not fit either
 */
export async function* meetDemand(
  request: InferenceRequest,
  demand: CheckedDemand,
  { run, end }: Attempts,
  { isParallel, isStreamed, tellsCalls, misfit: before }: DemandOptions,
): AsyncGenerator<ChatPart> {
  const tools = request.prompt.kind === 'messages' ? request.prompt.tools : []
  const isSent = isStreamed && isCertainDemand(demand, tools)
  let misfit = before ?? null
  let total: InferenceEnd | null = null
  for (const isFirst of before === undefined ? [true, false] : [false]) {
    const held = Array.from({ length: request.choices }, () => new HeldChoice(demand, tools))
    let wasSent = false
    const requestOf = (isEnforced: boolean): InferenceRequest => demandingRequest(request, demand, misfit, { isEnforced, isParallel })
    for await (const { part, requestId, isEnforced } of askEnforced(requestOf, (asked) =>
      run(asked, tellsCalls && isSent && (asked.grammar !== undefined || asked.calls !== undefined)),
    )) {
      const choice = 'choiceIndex' in part ? held[part.choiceIndex] : undefined
      if (part.type === 'output-delta') {
        await choice?.add(part, isEnforced, isSent && isEnforced)
      } else if (part.type === 'output-end') {
        if (choice) choice.end = part
      }
      if (choice && held.some(({ isDecided }) => isDecided) && held.every(({ isDecided, end: ended }) => isDecided || ended)) end(requestId)
      if (part.type === 'inference-end') total = sumInferences(total, part)
      else if (part.type !== 'output-delta' && part.type !== 'output-end') {
        if (isFirst) yield part
      } else if (isSent && isEnforced) {
        wasSent = true
        if (part.type !== 'output-end' || choice?.repeats !== true) yield part
      }
    }
    const settled = await Promise.all(held.map((choice) => choice.settle()))
    misfit = settled.map((choice) => ('misfit' in choice ? choice.misfit : null)).find((reason) => reason !== null) ?? null
    if (misfit !== null && wasSent) throw unfit('The model did not answer', demand, misfit)
    if (misfit !== null) continue
    if (!wasSent) for (const choice of settled) if ('parts' in choice) yield* choice.parts
    if (total) yield total
    return
  }
  throw unfit('The model was asked twice and did not answer', demand, misfit ?? '')
}
