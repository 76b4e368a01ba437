import { pathTo } from '../../shared/chats/chat-tree.ts'
import type { Chat } from '../../shared/chats/chat.ts'
import { toChatRequest } from '../../shared/chats/to-chat-request.ts'
import type { InferenceRequest, TextToken } from '../../shared/inference/inference.ts'
import { type AnswerTokens, MOST_SCORED_CHARACTERS } from '../../shared/wire/api/chats.ts'
import { ChatCompletionRequest } from '../../shared/wire/api/openai.ts'
import { AppError } from '../../shared/app-error.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import { toChatInference } from '../openai/chat-request.ts'
import { findMessage, messageNotFound } from './find-message.ts'

const ALTERNATIVES = 5

/** A request that reads an answer as a part of its prompt, which gives the probability of each token without sampling. */
function scoringRequest(chat: Chat, messageId: string, requestId: string): { readonly request: InferenceRequest; readonly answer: string } {
  const message = findMessage(chat, messageId)
  const answer = message.content.trimEnd()
  if (message.role !== 'assistant' || answer === '') throw messageNotFound(messageId)
  if (answer.length > MOST_SCORED_CHARACTERS)
    throw new AppError('chat-too-long', `Token probabilities are shown for answers of up to ${MOST_SCORED_CHARACTERS} characters.`)
  const path = pathTo(chat.messages, messageId).map((other) => (other.id === messageId ? { ...other, content: answer, calls: [] } : other))
  const body = ChatCompletionRequest.parse(toChatRequest(path, chat.settings, message.modelId ?? chat.modelId ?? ''))
  const request = toChatInference(body, requestId)
  return { request: { ...request, maxTokens: 1, topLogprobs: ALTERNATIVES, promptLogprobs: true }, answer }
}

/**
 * The tokens of an answer with their probabilities.
 *
 * @throws AppError `chat-not-found`, `chat-too-long` and the errors of an inference
 */
export async function scoreAnswer(
  running: RunningRequest,
  chat: Chat,
  messageId: string,
  requestId: string,
  signal: AbortSignal,
): Promise<AnswerTokens> {
  const { request, answer } = scoringRequest(chat, messageId, requestId)
  let tokens: readonly TextToken[] = []
  for await (const part of running.infer(request, signal)) if (part.type === 'prompt-tokens') tokens = part.tokens
  return { tokens: answerTokens(tokens, answer) }
}

/** The last tokens of a prompt, as far as they make up the answer with which it ends. Those of one character are joined. */
export function answerTokens(prompt: readonly TextToken[], answer: string): AnswerTokens['tokens'] {
  let missing = Buffer.byteLength(answer)
  let first = prompt.length
  while (missing > 0 && first > 0) {
    first -= 1
    missing -= prompt[first]?.bytes.length ?? 0
  }
  const found: AnswerTokens['tokens'] = []
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let logprob: number | null = 0
  let alternatives: AnswerTokens['tokens'][number]['alternatives'] = []
  let isNew = true
  for (const [index, token] of prompt.slice(first).entries()) {
    // The first token may have begun before the answer.
    const bytes = index === 0 && missing < 0 ? token.bytes.slice(-missing) : token.bytes
    const text = decoder.decode(new Uint8Array(bytes), { stream: true })
    logprob = logprob === null || token.logprob === null ? null : logprob + token.logprob
    if (isNew) alternatives = alternativesOf(token)
    isNew = text !== ''
    if (!isNew) continue
    found.push({ text, probability: logprob === null ? null : Math.exp(logprob), alternatives })
    logprob = 0
  }
  return found
}

/** Whole texts only: a part of a character cannot begin another answer. */
function alternativesOf({ tokenId, topLogprobs }: TextToken): AnswerTokens['tokens'][number]['alternatives'] {
  return topLogprobs
    .filter((other) => other.tokenId !== tokenId && other.text !== '' && !other.text.includes('\ufffd'))
    .map(({ text, logprob }) => ({ text, probability: Math.exp(logprob) }))
}
