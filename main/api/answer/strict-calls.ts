import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { fitCall } from './fit-answer.ts'
import { type Attempts, meetDemand, sumInferences } from './meet-demand.ts'
import type { ChatPart, OutputPiece } from './split-output.ts'
import { withPatterns } from './with-patterns.ts'

type OutputEnd = Extract<ChatPart, { type: 'output-end' }>
type InferenceEnd = Extract<ChatPart, { type: 'inference-end' }>

/**
 * An answer in which the arguments of each call of a strict tool match its schema. If they do not, the model is asked
 * once more for that call only; the text before it is kept.
 *
 * @param strict - names of the tools
 * @throws AppError `answer-unfit` if the second call does not match either
 */
export async function* strictCalls(request: InferenceRequest, strict: readonly string[], attempts: Attempts): AsyncGenerator<ChatPart> {
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
  for await (const part of attempts.run(request)) {
    if (part.type === 'output-delta')
      yield { ...part, pieces: (await Promise.all(part.pieces.map((piece) => checked(piece, part.choiceIndex)))).flat() }
    else if (part.type === 'output-end' && misfits.has(part.choiceIndex)) held.push(part)
    else if (part.type === 'inference-end') total = part
    else yield part
  }
  for (const { choiceIndex } of held) {
    const { name, reason } = misfits.get(choiceIndex) ?? { name: null, reason: '' }
    const again = { ...request, requestId: `${request.requestId}-${choiceIndex}`, choices: 1 }
    for await (const part of meetDemand(again, { kind: 'call', name }, attempts, reason)) {
      if (part.type === 'output-delta') yield { ...part, choiceIndex, pieces: part.pieces.filter((piece) => piece.type === 'tool-call') }
      else if (part.type === 'output-end') yield { ...part, choiceIndex }
      else if (part.type === 'inference-end') total = sumInferences(total, part)
    }
  }
  if (total) yield total
}
