import { ReasoningSummary, type ResponseObject, type OutputItem, type ResponseRequest } from '../../../shared/wire/api/openai-responses.ts'
import type { TextToken } from '../../../shared/inference/inference.ts'
import type { ChatTokenLogprob } from '../../../shared/wire/api/openai.ts'
import type { ChatPart, OutputPiece } from '../../answer/split-output.ts'
import { toChatLogprobs } from '../logprobs.ts'
import { topLogprobsOf } from './response-request.ts'
import { argumentPieces } from '../../answer/argument-pieces.ts'
import { SentCalls } from '../../answer/sent-calls.ts'
import { toWireTimings } from '../../answer/usage.ts'

/** An event of a streamed response, without its sequence number. */
export interface ResponseEvent {
  readonly type: string
  readonly [field: string]: unknown
}

type OutputEnd = Extract<ChatPart, { type: 'output-end' }>

export interface ResponseFoldOptions {
  readonly id: string
  readonly createdS: number
  readonly newId: () => string
}

const integerOf = (value: unknown): number | null => (Number.isSafeInteger(value) ? Number(value) : null)
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The kind of summary that the request asks for, by its present or its former name. */
function summaryOf({ reasoning }: ResponseRequest): ResponseObject['reasoning']['summary'] {
  const asked = ReasoningSummary.safeParse(reasoning?.['summary'] ?? reasoning?.['generate_summary'])
  return asked.success ? asked.data : null
}

function emptyResponse(body: ResponseRequest, { id, createdS }: ResponseFoldOptions): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: createdS,
    completed_at: null,
    status: body.background === true ? 'queued' : 'in_progress',
    background: body.background === true,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    ...(body.conversation
      ? { conversation: { id: typeof body.conversation === 'string' ? body.conversation : body.conversation.id } }
      : {}),
    reasoning: { effort: body.reasoning?.effort ?? null, summary: summaryOf(body) },
    store: body.store !== false,
    temperature: body.temperature ?? 1,
    text: { format: (body['text'] as { format?: { type: string } } | null | undefined)?.format ?? { type: 'text' } },
    tool_choice: (body['tool_choice'] as ResponseObject['tool_choice'] | null | undefined) ?? 'auto',
    tools: (body.tools ?? []).map((tool) => ({ description: null, parameters: null, strict: null, ...tool })),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    presence_penalty: body.presence_penalty ?? 0,
    frequency_penalty: body.frequency_penalty ?? 0,
    max_tool_calls: integerOf(body['max_tool_calls']),
    service_tier: 'default',
    safety_identifier: textOf(body['safety_identifier']),
    prompt_cache_key: textOf(body['prompt_cache_key']),
    user: textOf(body['user']),
    truncation: 'disabled',
    usage: null,
  }
}

/** Builds a response item by item. `add` returns the events for a streaming client; `response` is complete at the end. */
export class ResponseFold {
  readonly response: ResponseObject
  private readonly newId: () => string
  private hasBegun = false
  private reasoningTokens = 0
  /** Tokens that have not been sent with any text yet. */
  private untoldTokens: TextToken[] = []
  private readonly withLogprobs: boolean
  private end: OutputEnd | null = null
  private readonly told = new SentCalls()

  constructor(body: ResponseRequest, options: ResponseFoldOptions) {
    this.response = emptyResponse(body, options)
    this.newId = options.newId
    this.withLogprobs = topLogprobsOf(body) !== null
  }

  add(part: ChatPart): ResponseEvent[] {
    if (part.type === 'accepted') {
      this.response.model = part.modelId
      this.response.status = 'in_progress'
      return []
    }
    const events = this.hasBegun ? [] : this.begin()
    if (part.type === 'output-delta') {
      this.untoldTokens.push(...part.tokens)
      for (const piece of part.pieces) events.push(...this.addPiece(piece))
      if (this.openItem()?.type === 'reasoning') this.reasoningTokens += part.tokens.length
    }
    if (part.type === 'output-end') {
      this.end = part
      events.push(...this.closeItem(part.finishReason === 'length' || part.finishReason === 'cancelled' ? 'incomplete' : 'completed'))
    }
    if (part.type === 'inference-end') events.push(this.finish(part))
    return events
  }

  /** Whether it may still change. */
  get isOpen(): boolean {
    return this.response.status === 'queued' || this.response.status === 'in_progress'
  }

  /** Ends a response that cannot be completed. */
  fail(code: string, message: string): ResponseEvent {
    const { response } = this
    for (const item of response.output) if (item.status === 'in_progress') item.status = 'incomplete'
    const isCancelled = code === 'cancelled'
    response.status = isCancelled ? 'cancelled' : 'failed'
    response.error = isCancelled ? null : { code, message }
    return { type: isCancelled ? 'response.incomplete' : 'response.failed', response: structuredClone(response) }
  }

  private begin(): ResponseEvent[] {
    this.hasBegun = true
    return [
      { type: 'response.created', response: structuredClone(this.response) },
      { type: 'response.in_progress', response: structuredClone(this.response) },
    ]
  }

  private finish({ usage, timings }: Extract<ChatPart, { type: 'inference-end' }>): ResponseEvent {
    const { response } = this
    const finishReason = this.end?.finishReason
    response.status = finishReason === 'length' ? 'incomplete' : finishReason === 'cancelled' ? 'cancelled' : 'completed'
    response.incomplete_details = finishReason === 'length' ? { reason: 'max_output_tokens' } : null
    response.usage = {
      input_tokens: usage.promptTokens,
      input_tokens_details: { cached_tokens: usage.cachedTokens },
      output_tokens: usage.completionTokens,
      output_tokens_details: { reasoning_tokens: this.reasoningTokens },
      total_tokens: usage.promptTokens + usage.completionTokens,
    }
    response.completed_at = response.created_at + Math.ceil(timings.totalMs / 1000)
    response.timings = toWireTimings([{ usage, timings }])
    return { type: response.status === 'completed' ? 'response.completed' : 'response.incomplete', response }
  }

  private get outputIndex(): number {
    return this.response.output.length - 1
  }

  private openItem(): OutputItem | null {
    const item = this.response.output.at(-1)
    return item?.status === 'in_progress' ? item : null
  }

  private addPiece(piece: OutputPiece): ResponseEvent[] {
    if (piece.type === 'call-begin') return this.beginCall(piece)
    if (piece.type === 'call-arguments') {
      this.told.add(piece.id, piece.text)
      return this.tellArguments(piece.text)
    }
    if (piece.type === 'tool-call') return this.addCall(piece.call)
    if (piece.type === 'call-broken') {
      const closed = this.closeItem('incomplete')
      return piece.isCut || piece.text === '' ? closed : [...closed, ...this.addPiece({ type: 'content', text: piece.text })]
    }
    const type = piece.type === 'reasoning' ? 'reasoning' : 'message'
    const events = this.openItem()?.type === type ? [] : [...this.closeItem('completed'), ...this.openText(type)]
    const item = this.openItem()
    if (item?.type !== 'reasoning' && item?.type !== 'message') return events
    const content = item.content[0]
    if (content) content.text += piece.text
    const logprobs = this.takeLogprobs()
    if (content?.type === 'output_text') content.logprobs.push(...logprobs)
    const place = { item_id: item.id, output_index: this.outputIndex, content_index: 0 }
    if (item.type === 'message') return [...events, { type: 'response.output_text.delta', ...place, delta: piece.text, logprobs }]
    events.push({ type: 'response.reasoning_text.delta', ...place, delta: piece.text })
    const [summary] = item.summary
    if (!summary) return events
    summary.text += piece.text
    return [...events, { type: 'response.reasoning_summary_text.delta', ...this.summaryPlace(item), delta: piece.text }]
  }

  private takeLogprobs(): ChatTokenLogprob[] {
    const tokens = this.untoldTokens
    this.untoldTokens = []
    return this.withLogprobs ? toChatLogprobs(tokens).content : []
  }

  private openText(type: 'reasoning' | 'message'): ResponseEvent[] {
    const item: OutputItem =
      type === 'reasoning'
        ? { type, id: `rs_${this.newId()}`, status: 'in_progress', summary: [], content: [] }
        : { type, id: `msg_${this.newId()}`, status: 'in_progress', role: 'assistant', content: [] }
    this.response.output.push(item)
    const added: ResponseEvent = { type: 'response.output_item.added', output_index: this.outputIndex, item: structuredClone(item) }
    if (item.type === 'reasoning') item.content.push({ type: 'reasoning_text', text: '' })
    if (item.type === 'message') item.content.push({ type: 'output_text', text: '', annotations: [], logprobs: [] })
    const place = { item_id: item.id, output_index: this.outputIndex, content_index: 0 }
    const events = [added, { type: 'response.content_part.added', ...place, part: structuredClone(item.content[0]) }]
    if (item.type === 'message' || !this.response.reasoning.summary) return events
    // Nobody sums the reasoning up: who asks for a summary, and shows nothing else, gets all of it.
    item.summary.push({ type: 'summary_text', text: '' })
    const part = structuredClone(item.summary[0])
    return [...events, { type: 'response.reasoning_summary_part.added', ...this.summaryPlace(item), part }]
  }

  private summaryPlace({ id }: { readonly id: string }) {
    return { item_id: id, output_index: this.outputIndex, summary_index: 0 }
  }

  private beginCall({ id, name }: { readonly id: string; readonly name: string }): ResponseEvent[] {
    const events = this.closeItem('completed')
    const item = {
      type: 'function_call' as const,
      id: `fc_${this.newId()}`,
      status: 'in_progress' as const,
      call_id: id,
      name,
      arguments: '',
    }
    this.told.begin(id)
    this.response.output.push(item)
    return [...events, { type: 'response.output_item.added', output_index: this.outputIndex, item: structuredClone(item) }]
  }

  private tellArguments(json: string): ResponseEvent[] {
    const item = this.openItem()
    if (item?.type !== 'function_call') return []
    item.arguments += json
    return argumentPieces(json).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      item_id: item.id,
      output_index: this.outputIndex,
      delta,
    }))
  }

  private addCall(call: Extract<OutputPiece, { type: 'tool-call' }>['call']): ResponseEvent[] {
    const events = this.told.has(call.id) ? [] : this.beginCall(call)
    const item = this.openItem()
    // A call that others follow has been sent completely and is closed.
    if (item?.type !== 'function_call' || item.call_id !== call.id) return events
    return [...events, ...this.tellArguments(this.told.rest(call)), ...this.closeItem('completed')]
  }

  private closeItem(status: 'completed' | 'incomplete'): ResponseEvent[] {
    const item = this.openItem()
    if (!item) return []
    item.status = status
    const place = { item_id: item.id, output_index: this.outputIndex }
    const done: ResponseEvent = { type: 'response.output_item.done', output_index: this.outputIndex, item: structuredClone(item) }
    if (item.type === 'function_call')
      return [{ type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments }, done]
    const [content] = item.content
    const textDone =
      item.type === 'message'
        ? { type: 'response.output_text.done', logprobs: item.content[0]?.logprobs ?? [] }
        : { type: 'response.reasoning_text.done' }
    const [summary] = item.type === 'reasoning' ? item.summary : []
    const summaryDone: ResponseEvent[] = summary
      ? [
          { type: 'response.reasoning_summary_text.done', ...this.summaryPlace(item), text: summary.text },
          { type: 'response.reasoning_summary_part.done', ...this.summaryPlace(item), part: structuredClone(summary) },
        ]
      : []
    return [
      { ...textDone, ...place, content_index: 0, text: content?.text ?? '' },
      { type: 'response.content_part.done', ...place, content_index: 0, part: structuredClone(content) },
      ...summaryDone,
      done,
    ]
  }
}
