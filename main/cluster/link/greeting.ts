import type { WebSocket } from 'ws'
import { AppError } from '../../shared/app-error.ts'
import { proveClusterKey, type LinkRole } from './cluster-key.ts'
import type { LinkMembership } from './judge-hello.ts'
import { Greeting, type RefusalCode } from './link-frame.ts'
import { LINK_VERSIONS } from './link-versions.ts'

/** What this node says of itself before anything else. */
export interface GreetingIdentity {
  readonly nodeName: string
  readonly totalBytes: number
  readonly peerPort: number
  /** Drawn by this process: tells it from another one with the same identity. */
  readonly bootId: string
  readonly membership: LinkMembership
}

/** Says hello and proves the cluster key, if there is one, for this TLS session. */
export function sendHello(webSocket: WebSocket, { nodeName, totalBytes, peerPort, bootId, membership }: GreetingIdentity, channelBinding: Buffer, role: LinkRole): void {
  const { clusterName, derivedKey, admission } = membership
  const keyProof = derivedKey && proveClusterKey(derivedKey, channelBinding, role)
  const hello: Greeting = { type: 'hello', protocol: LINK_VERSIONS.min, versions: LINK_VERSIONS, clusterName, nodeName, totalBytes, peerPort, bootId, keyProof, admission }
  webSocket.send(JSON.stringify(hello))
}

export function sendRefusal(webSocket: WebSocket, { nodeName, totalBytes, membership }: GreetingIdentity, code: RefusalCode): void {
  const refusal: Greeting = { type: 'refusal', code, clusterName: membership.clusterName, nodeName, totalBytes, needsKey: membership.derivedKey !== null, admission: membership.admission }
  webSocket.send(JSON.stringify(refusal))
  webSocket.close(1008, code)
}

/** @throws AppError `bad-greeting` */
export function parseGreeting(text: string): Greeting {
  try {
    return Greeting.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('bad-greeting', 'The other side does not greet as a node does.', {}, cause)
  }
}

export function greetingTimeout(): AppError {
  return new AppError('greeting-timeout', 'The other side did not answer in time.')
}
