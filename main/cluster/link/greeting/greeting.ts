import type { WebSocket } from 'ws'
import { AppError } from '../../../shared/app-error.ts'
import type { LinkMembership } from './judge-hello.ts'
import { Greeting, type RefusalCode } from './link-frame.ts'
import { LINK_VERSIONS } from './link-versions.ts'

/** The hello of this node. */
export interface GreetingIdentity {
  readonly nodeName: string
  readonly totalBytes: number
  readonly peerPort: number
  /** Random id of this process, to distinguish it from another one with the same identity. */
  readonly bootId: string
  readonly membership: LinkMembership
}

/** The part of a hello that concerns the cluster key. */
export interface ShownKey {
  readonly keyProof: string | null
  readonly keyShare?: string
}

export function sendHello(
  webSocket: WebSocket,
  { nodeName, totalBytes, peerPort, bootId, membership }: GreetingIdentity,
  shown: ShownKey,
): void {
  const { clusterName, admission } = membership
  const hello: Greeting = {
    type: 'hello',
    protocol: LINK_VERSIONS.min,
    versions: LINK_VERSIONS,
    clusterName,
    nodeName,
    totalBytes,
    peerPort,
    bootId,
    ...shown,
    admission,
  }
  webSocket.send(JSON.stringify(hello))
}

/** @param keyProof - for a dialer that has proven a chosen key */
export function sendRefusal(
  webSocket: WebSocket,
  { nodeName, totalBytes, membership }: GreetingIdentity,
  code: RefusalCode,
  keyProof?: string,
): void {
  const { clusterName, derivedKey, admission } = membership
  const refusal: Greeting = {
    type: 'refusal',
    code,
    clusterName,
    nodeName,
    totalBytes,
    needsKey: derivedKey !== null,
    ...(keyProof !== undefined && { keyProof }),
    admission,
  }
  webSocket.send(JSON.stringify(refusal))
  webSocket.close(1008, code)
}

export function sendKeyProof(webSocket: WebSocket, keyProof: string): void {
  const frame: Greeting = { type: 'key-proof', keyProof }
  webSocket.send(JSON.stringify(frame))
}

/** @throws AppError `bad-greeting` */
export function parseGreeting(text: string): Greeting {
  try {
    return Greeting.parse(JSON.parse(text))
  } catch (cause) {
    throw badGreeting(cause)
  }
}

export function badGreeting(cause?: unknown): AppError {
  return new AppError('bad-greeting', 'The other side is not an exo node.', {}, cause)
}

export function greetingTimeout(): AppError {
  return new AppError('greeting-timeout', 'The other side did not answer in time.')
}
