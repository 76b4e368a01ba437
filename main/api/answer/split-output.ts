import type { KnownTool } from '../../domain/generation/calls/parse-tool-calls.ts'
import { asksForHarmony, createHarmonySplitter, type HarmonyPiece } from '../../domain/generation/split-harmony.ts'
import { createReasoningSplitter, openReasoningTag } from '../../domain/generation/text/split-reasoning.ts'
import { createToolCallSplitter } from '../../domain/generation/calls/split-tool-calls.ts'
import { wholeCalls } from '../../domain/generation/calls/whole-calls.ts'
import { findAnswerStart } from '../../domain/generation/calls/answer-start.ts'
import type { AnswerStart, FinishReason, InferencePart, TextToken, ToolCall } from '../../shared/inference/inference.ts'

export type OutputPiece =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'content'; readonly text: string }
  /** The start of a call, more of its arguments as JSON, and the complete call, which may arrive without the other two. */
  | { readonly type: 'call-begin'; readonly id: string; readonly name: string }
  | { readonly type: 'call-arguments'; readonly id: string; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  /** The output since the last complete call turned out not to be a call; `text` is that output. */
  | { readonly type: 'call-broken'; readonly text: string; readonly isCut: boolean }

type Untouched = Exclude<InferencePart, { type: 'text-delta' | 'choice-end' }>

/** The parts of an inference, with each choice's text split into reasoning, content and tool calls. */
export type ChatPart =
  | Untouched
  /** Either list may be empty. */
  | {
      readonly type: 'output-delta'
      readonly choiceIndex: number
      readonly pieces: readonly OutputPiece[]
      readonly tokens: readonly TextToken[]
    }
  | {
      readonly type: 'output-end'
      readonly choiceIndex: number
      readonly finishReason: FinishReason | 'tool-calls'
      readonly stopString: string | null
    }

export interface SplitOptions {
  readonly tools: readonly KnownTool[]
  /** False: calls after the first are dropped. */
  readonly parallelToolCalls: boolean
  readonly newId: () => string
  /** The start of the answer, if the prompt contains it; null: it does not. */
  readonly start: AnswerStart | null
  /** True: that start is included in the output. */
  readonly tellsStart: boolean
  /** False: calls are reported only when complete, for answers that are not streamed or are held back. */
  readonly tellsCalls: boolean
}

interface ChoiceSplitter {
  push(text: string): OutputPiece[]
  /** @param finishReason - an answer that was cut short reports no incomplete call */
  flush(finishReason: FinishReason): OutputPiece[]
  hasCalls(): boolean
}

/** Mistral's templates accept only ids of nine letters and digits; all other templates accept these too. */
const CALL_ID_LENGTH = 9

function createChoiceSplitter(promptText: string, options: SplitOptions): ChoiceSplitter {
  const begun = options.start === null ? '' : findAnswerStart(options.start, promptText)
  const splitter = createPlainSplitter(promptText.slice(0, promptText.length - begun.length), options)
  const startPieces = splitter.push(begun)
  let untold = options.tellsStart ? startPieces : []
  const told = (pieces: OutputPiece[]): OutputPiece[] => {
    const all = [...untold, ...pieces]
    untold = []
    return all
  }
  return {
    push: (text) => told(splitter.push(text)),
    flush: (finishReason) => told(splitter.flush(finishReason)),
    hasCalls: () => splitter.hasCalls(),
  }
}

function createPlainSplitter(promptText: string, { tools, parallelToolCalls, newId }: SplitOptions): ChoiceSplitter {
  let calls = 0
  /** Ids of calls that have started but are not complete; null: a dropped call. */
  let begun: (string | null)[] = []
  const newCallId = (): string =>
    newId()
      .replaceAll(/[^a-z\d]/gi, '')
      .slice(-CALL_ID_LENGTH)
  const begin = (id: string | undefined): string | null => (calls + begun.length > 0 && !parallelToolCalls ? null : (id ?? newCallId()))
  const toPiece = (piece: HarmonyPiece): OutputPiece | null => {
    if (piece.type === 'call-begin') {
      const id = begin(piece.id)
      begun.push(id)
      return id === null ? null : { type: 'call-begin', id, name: piece.name }
    }
    if (piece.type === 'call-arguments') {
      const id = begun.at(-1) ?? null
      return id === null ? null : { ...piece, id }
    }
    if (piece.type === 'call-broken') begun = []
    if (piece.type !== 'tool-call') return piece
    const started = begun.shift()
    const id = started === undefined ? begin(piece.call.id) : started
    calls += 1
    return id === null ? null : { type: 'tool-call', call: { ...piece.call, id } }
  }
  const toPieces = (pieces: readonly HarmonyPiece[]): OutputPiece[] => pieces.map(toPiece).filter((piece) => piece !== null)
  if (asksForHarmony(promptText)) {
    const harmony = createHarmonySplitter(tools)
    return {
      push: (text) => toPieces(harmony.push(text)),
      flush: (finishReason) => toPieces(harmony.flush(finishReason !== 'stop')),
      hasCalls: () => calls > 0,
    }
  }
  /** A model that never ends its thought may have called a tool in it, or may have answered without thinking. */
  const endOfThought = (thought: string): OutputPiece[] => {
    const thoughtCalls = createToolCallSplitter(tools)
    const pieces = wholeCalls([...thoughtCalls.push(thought), ...thoughtCalls.flush()])
    const last = pieces.findLast((piece) => piece.type === 'tool-call' || piece.text.trim() !== '')
    if (last?.type === 'tool-call') return toPieces(pieces.filter((piece) => piece.type === 'tool-call'))
    return calls === 0 && thought.trim() !== '' ? [{ type: 'content', text: thought.trim() }] : []
  }
  const reasoning = createReasoningSplitter(openReasoningTag(promptText))
  const toolCalls = createToolCallSplitter(tools)
  const split = (pieces: ReturnType<typeof reasoning.push>): OutputPiece[] =>
    pieces.flatMap(({ isReasoning, text }): OutputPiece[] => (isReasoning ? [{ type: 'reasoning', text }] : toPieces(toolCalls.push(text))))
  return {
    push: (text) => split(reasoning.push(text)),
    flush: (finishReason) => {
      const isCut = finishReason !== 'stop'
      const open = reasoning.openThought()
      const rest = [...split(reasoning.flush()), ...toPieces(toolCalls.flush(isCut))]
      return open === null || isCut ? rest : [...rest, ...endOfThought(open())]
    },
    hasCalls: () => calls > 0,
  }
}

/** Splits the output of every choice of a chat. */
export async function* splitOutput(parts: AsyncIterable<InferencePart>, options: SplitOptions): AsyncGenerator<ChatPart> {
  const splitters = new Map<number, ChoiceSplitter>()
  let promptText = ''
  const splitterOf = (choiceIndex: number): ChoiceSplitter => {
    const splitter = splitters.get(choiceIndex) ?? createChoiceSplitter(promptText, options)
    splitters.set(choiceIndex, splitter)
    return splitter
  }
  const told = (pieces: readonly OutputPiece[]): readonly OutputPiece[] => (options.tellsCalls ? pieces : wholeCalls(pieces))
  for await (const part of parts) {
    if (part.type === 'text-delta') {
      const { choiceIndex, tokens } = part
      yield { type: 'output-delta', choiceIndex, pieces: told(splitterOf(choiceIndex).push(part.text)), tokens }
    } else if (part.type === 'choice-end') {
      const { choiceIndex, stopString } = part
      const splitter = splitterOf(choiceIndex)
      const pieces = splitter.flush(part.finishReason)
      if (pieces.length > 0) yield { type: 'output-delta', choiceIndex, pieces: told(pieces), tokens: [] }
      yield {
        type: 'output-end',
        choiceIndex,
        finishReason: part.finishReason === 'stop' && splitter.hasCalls() ? 'tool-calls' : part.finishReason,
        stopString,
      }
    } else {
      if (part.type === 'accepted') promptText = part.promptText
      yield part
    }
  }
}

/** Joins the text of all pieces of one kind. */
export function textOf(pieces: readonly OutputPiece[], type: 'content' | 'reasoning'): string {
  return pieces.map((piece) => (piece.type === type ? piece.text : '')).join('')
}
