import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { fitCall } from './fit-answer.ts'
import { isCertainTool, boundTools } from '../../domain/generation/form/bound-tools.ts'
import { askEnforced, type Attempts, type DemandOptions, meetDemand, sumInferences } from './meet-demand.ts'
import type { ChatPart, OutputPiece } from './split-output.ts'
import { withPatterns } from '../form/with-patterns.ts'

type OutputEnd = Extract<ChatPart, { type: 'output-end' }>
type InferenceEnd = Extract<ChatPart, { type: 'inference-end' }>

/** The request with a grammar that binds each call from its beginning. */
function bindingRequest(request: InferenceRequest, strict: readonly string[], isParallel: boolean): InferenceRequest {
  const { prompt } = request
  // The client has begun the answer itself.
  if (prompt.kind !== 'messages' || prompt.answerStart !== undefined) return request
  return { ...request, calls: { isRequired: false, tools: boundTools(prompt.tools, (name) => strict.includes(name)), isParallel } }
}

/**
 * An answer in which the arguments of each call of a strict tool match its schema. If they do not, the model is asked
 * once more for that call only; the text before it is kept.
 *
 * @param strict - names of the tools
 * @throws AppError `answer-unfit` if the second call does not match either
 */
export async function* strictCalls(
  request: InferenceRequest,
  strict: readonly string[],
  attempts: Attempts,
  options: DemandOptions,
): AsyncGenerator<ChatPart> {
  const tools = request.prompt.kind === 'messages' ? request.prompt.tools : []
  const misfits = new Map<number, { readonly name: string; readonly reason: string }>()
  const held: OutputEnd[] = []
  let total: InferenceEnd | null = null
  const checked = async (piece: OutputPiece, choiceIndex: number): Promise<OutputPiece[]> => {
    if (piece.type !== 'tool-call' || !strict.includes(piece.call.name)) return [piece]
    const { call } = piece
    const fitting = await withPatterns((matches) => fitCall(call, tools, matches))
    if ('call' in fitting) return [{ ...piece, call: fitting.call }]
    misfits.set(choiceIndex, { name: piece.call.name, reason: fitting.misfit })
    return []
  }
  const areCertain = tools.filter(({ name }) => strict.includes(name)).every(isCertainTool)
  const requestOf = (isEnforced: boolean): InferenceRequest =>
    isEnforced ? bindingRequest(request, strict, options.isParallel) : { ...request, requestId: `${request.requestId}-free` }
  const run = (asked: InferenceRequest): AsyncIterable<ChatPart> =>
    attempts.run(asked, options.tellsCalls && areCertain && asked.calls !== undefined)
  for await (const { part } of askEnforced(requestOf, run)) {
    if (part.type === 'output-delta')
      yield { ...part, pieces: (await Promise.all(part.pieces.map((piece) => checked(piece, part.choiceIndex)))).flat() }
    else if (part.type === 'output-end' && misfits.has(part.choiceIndex)) held.push(part)
    else if (part.type === 'inference-end') total = part
    else yield part
  }
  for (const { choiceIndex } of held) {
    const { name, reason } = misfits.get(choiceIndex) ?? { name: null, reason: '' }
    const again = { ...request, requestId: `${request.requestId}-${choiceIndex}`, choices: 1 }
    for await (const part of meetDemand(again, { kind: 'call', name }, attempts, { ...options, isStreamed: false, misfit: reason })) {
      if (part.type === 'output-delta') yield { ...part, choiceIndex, pieces: part.pieces.filter((piece) => piece.type === 'tool-call') }
      else if (part.type === 'output-end') yield { ...part, choiceIndex }
      else if (part.type === 'inference-end') total = sumInferences(total, part)
    }
  }
  if (total) yield total
}
