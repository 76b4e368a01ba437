import type { AnswerBlock, AnthropicAnswer } from '../../shared/wire/api/anthropic.ts'
import type { ChatPart, OutputPiece } from '../answer/split-output.ts'
import { argumentPieces } from '../answer/argument-pieces.ts'
import { SentCalls } from '../answer/sent-calls.ts'
import { toWireTimings } from '../answer/usage.ts'

/** Clients send a thought back with its signature and drop thoughts without one. This node does not check it. */
const SIGNATURE = 'ZXhv'

export interface MessagesEvent {
  readonly type: string
  readonly [field: string]: unknown
}

type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

export interface MessagesFoldOptions {
  readonly id: string
  /** False: thoughts are left out, because the client did not ask for them. */
  readonly withThinking: boolean
}

function stopReason(end: OutputEnd | null): AnthropicAnswer['stop_reason'] {
  if (end === null) return null
  if (end.stopString !== null && end.finishReason === 'stop') return 'stop_sequence'
  return ({ stop: 'end_turn', length: 'max_tokens', cancelled: 'cancelled', 'tool-calls': 'tool_use' } as const)[end.finishReason]
}

/** Builds a message block by block. `add` returns the events for a streaming client; `answer` is complete at the end. */
export class MessagesFold {
  readonly answer: AnthropicAnswer
  isComplete = false
  private readonly withThinking: boolean
  private hasBegun = false
  private isBlockOpen = false
  private end: OutputEnd | null = null
  private readonly told = new SentCalls()

  constructor({ id, withThinking }: MessagesFoldOptions) {
    this.withThinking = withThinking
    this.answer = {
      id,
      type: 'message',
      role: 'assistant',
      model: '',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    }
  }

  add(part: ChatPart): MessagesEvent[] {
    if (part.type === 'accepted') {
      this.answer.model = part.modelId
      this.answer.usage.input_tokens = part.promptTokenIds.length
      return []
    }
    const events: MessagesEvent[] = this.hasBegun ? [] : [{ type: 'message_start', message: structuredClone(this.answer) }]
    this.hasBegun = true
    if (part.type === 'output-delta') for (const piece of part.pieces) events.push(...this.addPiece(piece))
    if (part.type === 'output-end') {
      this.end = part
      events.push(...this.closeBlock())
    }
    if (part.type === 'inference-end') events.push(...this.finish(part))
    return events
  }

  private finish({ usage, timings }: Extract<ChatPart, { type: 'inference-end' }>): MessagesEvent[] {
    const { answer } = this
    answer.stop_reason = stopReason(this.end)
    answer.stop_sequence = answer.stop_reason === 'stop_sequence' ? (this.end?.stopString ?? null) : null
    answer.usage = {
      input_tokens: usage.promptTokens - usage.cachedTokens,
      output_tokens: usage.completionTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: usage.cachedTokens,
    }
    answer.timings = toWireTimings([{ usage, timings }])
    this.isComplete = true
    const { stop_reason, stop_sequence } = answer
    return [
      { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: answer.usage, timings: answer.timings },
      { type: 'message_stop' },
    ]
  }

  private get index(): number {
    return this.answer.content.length - 1
  }

  private addPiece(piece: OutputPiece): MessagesEvent[] {
    if (piece.type === 'call-begin') return this.beginCall(piece)
    if (piece.type === 'call-arguments') {
      this.told.add(piece.id, piece.text)
      return this.tellArguments(piece.text)
    }
    if (piece.type === 'tool-call') return this.addCall(piece.call)
    if (piece.type === 'call-broken')
      return piece.isCut || piece.text === '' ? this.closeBlock() : this.addPiece({ type: 'content', text: piece.text })
    if (piece.type === 'reasoning' && !this.withThinking) return []
    const type = piece.type === 'reasoning' ? 'thinking' : 'text'
    const events = this.isBlockOpen && this.answer.content.at(-1)?.type === type ? [] : [...this.closeBlock(), this.openBlock(type)]
    const block = this.answer.content.at(-1)
    if (block?.type === 'text') {
      block.text += piece.text
      events.push({ type: 'content_block_delta', index: this.index, delta: { type: 'text_delta', text: piece.text } })
    }
    if (block?.type === 'thinking') {
      block.thinking += piece.text
      events.push({ type: 'content_block_delta', index: this.index, delta: { type: 'thinking_delta', thinking: piece.text } })
    }
    return events
  }

  private openBlock(type: 'thinking' | 'text'): MessagesEvent {
    const block: AnswerBlock = type === 'text' ? { type, text: '' } : { type, thinking: '', signature: SIGNATURE }
    this.answer.content.push(block)
    this.isBlockOpen = true
    return { type: 'content_block_start', index: this.index, content_block: structuredClone(block) }
  }

  private beginCall({ id, name }: { readonly id: string; readonly name: string }): MessagesEvent[] {
    const events = this.closeBlock()
    const block = { type: 'tool_use' as const, id, name, input: {} }
    this.told.begin(id)
    this.answer.content.push(block)
    this.isBlockOpen = true
    return [...events, { type: 'content_block_start', index: this.index, content_block: structuredClone(block) }]
  }

  private tellArguments(json: string): MessagesEvent[] {
    return argumentPieces(json).map((piece) => ({
      type: 'content_block_delta',
      index: this.index,
      delta: { type: 'input_json_delta', partial_json: piece },
    }))
  }

  private addCall(call: Extract<OutputPiece, { type: 'tool-call' }>['call']): MessagesEvent[] {
    const events = this.told.has(call.id) ? [] : this.beginCall(call)
    const rest = this.told.rest(call)
    const block = this.answer.content.find((candidate) => candidate.type === 'tool_use' && candidate.id === call.id)
    if (block?.type === 'tool_use') block.input = JSON.parse(call.argumentsJson) as Record<string, unknown>
    // A call that others follow has been sent completely and is closed.
    return block === this.answer.content.at(-1) ? [...events, ...this.tellArguments(rest), ...this.closeBlock()] : events
  }

  private closeBlock(): MessagesEvent[] {
    if (!this.isBlockOpen) return []
    this.isBlockOpen = false
    const { index } = this
    const stop = { type: 'content_block_stop', index }
    return this.answer.content.at(-1)?.type === 'thinking'
      ? [{ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: SIGNATURE } }, stop]
      : [stop]
  }
}
