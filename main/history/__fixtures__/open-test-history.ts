import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { cacheDir } from '../../platform/files/default-folders.ts'
import { forkProcess } from '../../platform/processes/fork-process.ts'
import type { Log, LogFields } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { ducklakeExtensionFile } from '../ducklake-extension.ts'
import type { PlacedInferenceRecord } from '../../shared/inference/inference-record.ts'
import type { History } from '../history.ts'
import type { HistoryLimits } from '../history-options.ts'
import { openHistory } from '../open-history.ts'

export const extensionFile = ducklakeExtensionFile(cacheDir(), `${process.platform}-${process.arch}`)

export interface LoggedLine {
  readonly message: string
  readonly fields: LogFields
}

/** A history with the real DuckDB in a real process; warnings and errors are collected. */
export async function openTestHistory(
  dir: string,
  limits: Partial<HistoryLimits> = {},
  overrides: { extensionFile?: string } = {},
): Promise<History & { readonly warnings: LoggedLine[] }> {
  const warnings: LoggedLine[] = []
  const keep = (message: string, fields: LogFields = {}): void => void warnings.push({ message, fields })
  const ignore = (): void => undefined
  const log: Log = { trace: ignore, debug: ignore, info: ignore, warn: keep, error: keep, with: () => log }
  const history = await openHistory(
    {
      dir,
      nodeId: 'node-a',
      extensionFile,
      entry: join(import.meta.dirname, '..', 'child', 'main.ts'),
      processId: process.pid,
      isGone: () => true,
      limits,
      ...overrides,
    },
    { spawn: forkProcess, clock: systemClock, random: systemRandom, log },
  )
  return Object.assign(history, { warnings })
}

export function testEntry(overrides: Partial<PlacedInferenceRecord> = {}): PlacedInferenceRecord {
  return {
    requestId: 'request-1',
    model: 'smollm2',
    modelId: 'mlx-community/SmolLM2-135M-Instruct-4bit',
    instanceId: 'instance-1',
    seed: '42',
    finishReasons: ['stop'],
    errorCode: null,
    usage: { promptTokens: 10, completionTokens: 20, cachedTokens: 5 },
    timings: { ttftMs: 30, queueMs: 1, prefillTokensPerSecond: 500, decodeTokensPerSecond: 80, totalMs: 280 },
    resumes: 0,
    devices: 2,
    strategy: 'pipeline',
    backend: 'ring',
    trit: 0,
    ...overrides,
  }
}
