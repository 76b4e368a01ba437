import type { Contestant } from './contestant.ts'
import type { AnswerServer } from './measure-answers.ts'
import { peakMemoryBytes } from './peak-memory.ts'
import { requestTokens } from './request-tokens.ts'
import { startBenchNode } from '../start-bench-node.ts'

const MODEL_READY = /^Model\s+(.+?)\s+ready/m

/**
 * Starts a node as a user would and measures it through its HTTP API.
 *
 * @param model - id or folder; null: the default model
 */
export async function startExoContestant(
  launcher: string,
  model: string | null,
  dataDir: string,
  flags: readonly string[] = [],
): Promise<Contestant & AnswerServer> {
  const node = await startBenchNode(
    launcher,
    dataDir,
    ['--no-mdns', '--no-broadcast', ...(model === null ? [] : ['--model', model]), ...flags],
    MODEL_READY,
  )
  const modelId = MODEL_READY.exec(node.output)?.[1] ?? ''
  return {
    name: 'exo',
    apiUrl: node.apiUrl,
    modelId,
    run: (request) => requestTokens(node.apiUrl, modelId, request),
    peakMemoryBytes: () => peakMemoryBytes(node.processId),
    stop: node.stop,
  }
}
