import type { KeyExchange } from '../../key-exchange/key-exchange.ts'
import { badGreeting, parseGreeting, sendHello, sendKeyProof, sendRefusal } from './greeting.ts'
import { judgeHello } from './judge-hello.ts'
import type { LinkConversation } from './link-conversation.ts'
import { openKeyExchange, shownKey } from './link-conversation.ts'
import type { Hello, Refusal, RefusalCode } from './link-frame.ts'

/** `code` null: the two are linked, and `hello` is the other end's. */
export type GreetingOutcome =
  | { readonly code: null; readonly answer: Hello }
  | { readonly code: RefusalCode; readonly answer: Hello | Refusal }

/**
 * The dialer's half of the greeting.
 *
 * @param isLinked - whether another link to that node exists by now
 */
export async function greetAsDialer(
  conversation: LinkConversation,
  isLinked: () => boolean,
  signal: AbortSignal,
): Promise<GreetingOutcome> {
  const { webSocket, frames, peer, host, refusals, greeting } = conversation
  const { membership } = greeting()
  const exchange = openKeyExchange(conversation, membership, 'dialer')
  sendHello(webSocket, greeting(), shownKey(exchange, membership, peer.channelBinding, 'dialer'))
  const answer = parseGreeting(await frames.first(signal))
  if (answer.type === 'key-proof') throw badGreeting()
  if (answer.type === 'refusal') return { code: answer.code, answer }
  const judge = (): RefusalCode | null => judgeHello(answer, greeting().membership, peer.channelBinding, 'acceptor')
  const code = exchange ? (judge() ?? tryShare(exchange, answer, isLinked)) : refusals.judge(peer.nodeId, host, judge)
  if (code === null && exchange) {
    const proven = await refusals.offer(peer.nodeId, host, () => proveFirst(conversation, exchange, answer, signal))
    if (proven !== 'slowed') return proven.outcome
  }
  if (code === null && !exchange) return { code, answer }
  const reason = code ?? 'key-wrong'
  sendRefusal(webSocket, greeting(), reason)
  return { code: reason, answer }
}

function tryShare(exchange: KeyExchange, { keyShare = '' }: Hello, isLinked: () => boolean): RefusalCode | null {
  return isLinked() ? 'duplicate' : exchange.meet(keyShare) ? null : 'key-wrong'
}

/** The acceptor's answer counts only with its proof. Without one, it may be guessing the key. */
async function proveFirst(
  { webSocket, frames }: LinkConversation,
  exchange: KeyExchange,
  hello: Hello,
  signal: AbortSignal,
): Promise<{ isProven: boolean; outcome: GreetingOutcome }> {
  sendKeyProof(webSocket, exchange.prove())
  const last = parseGreeting(await frames.first(signal))
  if (last.type === 'hello') throw badGreeting()
  const isProven = last.keyProof !== undefined && exchange.isProven(last.keyProof)
  if (!isProven) return { isProven, outcome: { code: 'key-wrong', answer: last.type === 'refusal' ? last : hello } }
  return { isProven, outcome: last.type === 'refusal' ? { code: last.code, answer: last } : { code: null, answer: hello } }
}
