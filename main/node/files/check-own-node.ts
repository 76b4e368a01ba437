import { randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../shared/app-error.ts'
import { parseJsonOrNull } from '../../shared/formats/parse-json-or-null.ts'
import { OwnNodeProof } from '../../shared/wire/api/own-node-proof.ts'
import { ownNodeProof, readOwnNodeKey } from './own-node-key.ts'

const CHALLENGE_BYTES = 32
const LONGEST_ANSWER = 4_096
const LIMIT_MS = 10_000

/** `silent`: no answer in time, possibly because the node is busy. */
export type OwnNodeAnswer = 'own' | 'other' | 'silent'

/**
 * Asks the program that listens at a node's address to prove that it is the node of a data folder: the node may have
 * ended, and another program may use its port.
 *
 * @param limitMs - the longest silence
 */
export async function askOwnNode(dataDir: string, apiUrl: string, limitMs: number): Promise<OwnNodeAnswer> {
  const key = await readOwnNodeKey(dataDir)
  if (key === null) return 'own'
  const challenge = randomBytes(CHALLENGE_BYTES).toString('hex')
  const url = new URL(`/node/proof?challenge=${challenge}`, apiUrl)
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(limitMs) })
    const said = OwnNodeProof.safeParse(parseJsonOrNull(await readStart(response)))
    const expected = ownNodeProof(key, challenge, Number(url.port || 80))
    return said.success && timingSafeEqual(Buffer.from(said.data.proof), Buffer.from(expected)) ? 'own' : 'other'
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'silent' : 'other'
  }
}

/** @throws AppError `not-own-node`: nothing private may be sent to it, and nothing it sends may be shown */
export async function checkOwnNode(dataDir: string, apiUrl: string): Promise<void> {
  const answer = await askOwnNode(dataDir, apiUrl, LIMIT_MS)
  if (answer === 'own') return
  const finding = answer === 'other' ? 'is not the node of' : 'does not answer as the node of'
  throw new AppError(
    'not-own-node',
    `The program at ${apiUrl} ${finding} ${dataDir}. Another program may be using its port: restart exo, or start it with another --port.`,
    { apiUrl },
  )
}

/** Another program might answer without end. */
async function readStart(response: Response): Promise<string> {
  let text = ''
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (text.length > LONGEST_ANSWER) break
  }
  return text
}
