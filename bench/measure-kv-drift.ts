import { z } from 'zod'
import { AppError } from '../main/shared/app-error.ts'
import type { KvBits } from '../main/shared/models/kv-bits.ts'
import { startExoContestant } from './contestants/exo-contestant.ts'

const Echo = z.object({
  choices: z.array(z.object({ logprobs: z.object({ token_logprobs: z.array(z.number().nullable()) }) })).min(1),
})

/** How much a quantized KV cache changes the probabilities of a text's tokens. */
export interface KvDrift {
  readonly bits: KvBits
  /** The mean of the absolute differences of the log-probabilities. */
  readonly meanDifference: number
  /** How many times as large the text's perplexity is. */
  readonly perplexityRatio: number
  readonly tokens: number
}

/** Scores a text with the model once as computed and once with each number of bits. */
export async function measureKvDrift(launcher: string, modelDir: string, dataDir: string, text: string): Promise<KvDrift[]> {
  const exact = await score(launcher, modelDir, dataDir, text, [])
  const drifts: KvDrift[] = []
  for (const bits of [16, 8, 4] as const)
    drifts.push(driftOf(bits, exact, await score(launcher, modelDir, dataDir, text, ['--kv-bits', String(bits)])))
  return drifts
}

export function driftOf(bits: KvBits, exact: readonly number[], quantized: readonly number[]): KvDrift {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const differences = exact.map((logprob, index) => (quantized[index] ?? NaN) - logprob)
  return {
    bits,
    meanDifference: mean(differences.map(Math.abs)),
    perplexityRatio: Math.exp(-mean(differences)),
    tokens: exact.length,
  }
}

async function score(launcher: string, modelDir: string, dataDir: string, text: string, flags: readonly string[]): Promise<number[]> {
  const exo = await startExoContestant(launcher, modelDir, dataDir, flags)
  try {
    const response = await fetch(`${exo.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: exo.modelId, prompt: text, max_tokens: 1, temperature: 0, echo: true, logprobs: 0 }),
    })
    if (!response.ok) throw new AppError('run-failed', `The node answered ${response.status}: ${await response.text()}`)
    const { choices } = Echo.parse(await response.json())
    return choices[0]?.logprobs.token_logprobs.filter((logprob) => logprob !== null) ?? []
  } finally {
    await exo.stop()
  }
}

export function formatKvDrift(title: string, drifts: readonly KvDrift[]): string {
  const lines = drifts.map(
    ({ bits, meanDifference, perplexityRatio, tokens }) =>
      `  ${bits} bits: log-probabilities of ${tokens} tokens differ by ${meanDifference.toFixed(4)} on average, ` +
      `perplexity x${perplexityRatio.toFixed(4)}`,
  )
  return [`${title}: a quantized KV cache`, ...lines].join('\n')
}
