import { parentPort, workerData } from 'node:worker_threads'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { compactHeap } from '../compact-heap.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import type { TokenizerCommand, TokenizerEvent } from './tokenizer-message.ts'

const port = parentPort
if (!port) throw new AppError('internal', 'This file is the entry of a worker thread.')

/** The first prompt often arrives as soon as the model is ready and takes precedence. */
const COMPACT_AFTER_MS = 2000

const send = (event: TokenizerEvent, transfer: ArrayBuffer[] = []): void => port.postMessage(event, transfer)
const sendFailure = (error: unknown): void => send({ type: 'failed', code: errorCode(error), message: errorMessage(error) })

try {
  const { facts, answer } = await loadTokenizer((workerData as { modelDir: string }).modelDir)
  port.on('message', (command: TokenizerCommand) => {
    try {
      const result = answer(command)
      send({ type: 'answer', answer: result }, [result.tokenIds.buffer])
    } catch (error) {
      sendFailure(error)
    }
  })
  send({ type: 'ready', facts }, facts.table ? [facts.table.bytes.buffer, facts.table.offsets.buffer, facts.table.special.buffer] : [])
  setTimeout(compactHeap, COMPACT_AFTER_MS)
} catch (error) {
  sendFailure(error)
}
