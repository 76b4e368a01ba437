import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { findOwnNode } from '../../node/files/node-file.ts'
import { resolvePath } from '../../platform/files/default-folders.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient, type NodeClient } from '../node-client.ts'
import { type DataDirFlags, dataDirOf, dataDirOption } from '../node-options.ts'
import { openStore } from '../open-store.ts'
import type { Terminal } from '../terminal.ts'
import { SAMPLE_TEXT } from '../text/sample-text.ts'
import { withProgress } from '../with-progress.ts'
import { folderOrName } from '../text/folder-or-name.ts'

/** More would measure no better, and take long. */
const MEASURED_CHARACTERS = 8000
/** Includes loading the model. */
const MEASURE_LIMIT_MS = 1_800_000
const DEFAULT_BITS = 4
const DEFAULT_GROUP = 64

const Echo = z.object({ choices: z.array(z.object({ logprobs: z.object({ token_logprobs: z.array(z.number().nullable()) }) })).min(1) })

interface QuantizeFlags extends DataDirFlags {
  readonly bits: string
  readonly group: string
  readonly mixed?: true
  readonly id?: string
  readonly measure?: string | true
  readonly json?: true
}

/** `exo models quantize`. */
export function addQuantizeCommand(models: Command, program: Command, terminal: Terminal): void {
  models
    .command('quantize <model>')
    .description('make a smaller copy of a model in F16, BF16 or F32, as mlx-lm does')
    .option('--bits <bits>', 'bits per weight: 2, 3, 4, 5, 6 or 8', String(DEFAULT_BITS))
    .option('--group <numbers>', 'weights that share a scale: 32, 64 or 128', String(DEFAULT_GROUP))
    .option('--mixed', 'more bits where they matter most')
    .option('--id <org/name>', 'id of the quantized model')
    .option('--measure [file]', "measure the perplexity of both models on a text, by default exo's own; needs a running node")
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (model: string, flags: QuantizeFlags) => {
      const name = folderOrName(model)
      const dataDir = dataDirOf(program, flags)
      const text = flags.measure === undefined ? null : await textOf(flags.measure)
      const client = text === null ? null : await runningNode(dataDir)
      const store = await openStore(dataDir)
      const source = await store.resolve(name)
      const made = await withProgress(terminal, 'Interrupted; no model was made.', (progress, signal) =>
        store.quantize({
          name,
          bits: Number(flags.bits),
          groupSize: Number(flags.group),
          isMixed: flags.mixed === true,
          modelId: flags.id,
          onProgress: (doneBytes, totalBytes) => progress.update('Quantizing', doneBytes, totalBytes),
          signal,
        }),
      )
      if (!flags.json)
        terminal.line(`${made.modelId}  ${formatBytes(source.card.weightBytes)} -> ${formatBytes(made.card.weightBytes)}  ${made.modelDir}`)
      const perplexity =
        client === null || text === null
          ? null
          : {
              before: await perplexityOf(client, source.modelId, beginningOf(text, source.card)),
              after: await perplexityOf(client, made.modelId, beginningOf(text, source.card)),
            }
      if (flags.json)
        return terminal.line(
          listingText('models quantize', {
            modelId: made.modelId,
            modelDir: made.modelDir,
            bytesBefore: source.card.weightBytes,
            bytesAfter: made.card.weightBytes,
            perplexity,
          }),
        )
      if (perplexity) terminal.line(`Perplexity: ${perplexity.before.toFixed(3)} before, ${perplexity.after.toFixed(3)} after.`)
    })
}

async function textOf(measure: string | true): Promise<string> {
  if (measure === true) return SAMPLE_TEXT
  const path = resolvePath(measure)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('invalid-request', `${path} cannot be read.`, { path }, cause)
  })
  if (text.trim() === '') throw new AppError('invalid-request', `${path} has no text.`, { path })
  return text
}

/** As much as fits in any context of the model, if each character were a token. */
function beginningOf(text: string, { contextTokens }: ModelCard): string {
  return text.slice(0, Math.min(MEASURED_CHARACTERS, contextTokens - 1))
}

async function runningNode(dataDir: string): Promise<NodeClient> {
  const node = await findOwnNode(dataDir)
  if (!node) throw new AppError('not-running', `Measuring needs a running node with ${dataDir}. Start one with: exo`)
  return createNodeClient(node.apiUrl, node.apiToken)
}

/** The exponential of the mean negative logprob of the text's tokens. */
async function perplexityOf(client: NodeClient, modelId: string, text: string): Promise<number> {
  const body = { model: modelId, prompt: text, max_tokens: 0, echo: true, logprobs: 0 }
  const [choice] = Echo.parse(await client.post('/v1/completions', body, MEASURE_LIMIT_MS)).choices
  const logprobs = choice?.logprobs.token_logprobs.filter((logprob) => logprob !== null) ?? []
  return Math.exp(-logprobs.reduce((sum, logprob) => sum + logprob, 0) / Math.max(1, logprobs.length))
}
