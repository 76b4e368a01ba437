import type { KeyExchange } from '../../key-exchange/key-exchange.ts'
import { badGreeting, parseGreeting, sendHello, sendKeyProof, sendRefusal } from './greeting.ts'
import { judgeHello } from './judge-hello.ts'
import { openKeyExchange, shownKey, type LinkConversation } from './link-conversation.ts'
import type { Hello, RefusalCode } from './link-frame.ts'

/** The acceptor's decision about a dialer, and its last frame. */
export interface JudgedDialer {
  /** null: the dialer belongs to this cluster. */
  readonly code: RefusalCode | null
  accept(): void
  refuse(code: RefusalCode): void
}

/** The acceptor's half of the greeting, after the dialer's hello. */
export async function greetAsAcceptor(conversation: LinkConversation, hello: Hello, signal: AbortSignal): Promise<JudgedDialer> {
  const { webSocket, peer, host, refusals, greeting } = conversation
  const { membership } = greeting()
  const exchange = openKeyExchange(conversation, membership, 'acceptor')
  const judge = (): RefusalCode | null => judgeHello(hello, membership, peer.channelBinding, 'dialer')
  const code = exchange ? (judge() ?? (await demandProof(conversation, exchange, hello, signal))) : refusals.judge(peer.nodeId, host, judge)
  const keyProof = exchange && code === null ? exchange.prove() : undefined
  return {
    code,
    accept: () =>
      keyProof === undefined
        ? sendHello(webSocket, greeting(), shownKey(null, membership, peer.channelBinding, 'acceptor'))
        : sendKeyProof(webSocket, keyProof),
    refuse: (reason) => sendRefusal(webSocket, greeting(), reason, keyProof),
  }
}

/** Sends the share and waits for the dialer's proof. Each connection allows a single guess. */
async function demandProof(
  { webSocket, frames, peer, host, refusals, greeting }: LinkConversation,
  exchange: KeyExchange,
  { keyShare = '' }: Hello,
  signal: AbortSignal,
): Promise<RefusalCode | null> {
  const { membership } = greeting()
  if (refusals.isSlowed(peer.nodeId, host)) return 'key-wrong'
  if (!exchange.meet(keyShare)) return refusals.judge(peer.nodeId, host, () => 'key-wrong')
  sendHello(webSocket, greeting(), shownKey(exchange, membership, peer.channelBinding, 'acceptor'))
  const proof = parseGreeting(await frames.first(signal))
  if (proof.type === 'refusal') return proof.code
  if (proof.type === 'hello') throw badGreeting()
  return refusals.judge(peer.nodeId, host, () => (exchange.isProven(proof.keyProof) ? null : 'key-wrong'))
}
