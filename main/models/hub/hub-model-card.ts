import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { KnownFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { type CatalogueFacts, modelCardOfConfig } from '../catalogue/model-card-of-config.ts'
import { indexedFiles } from './download-model.ts'
import type { HubClient } from './hub-client.ts'
import { LONGEST_TEXT_FILE, longestTextOf } from '../files/longest-text.ts'
import { neededFiles } from '../files/needed-files.ts'

/**
 * The card of a model at the hub, from its config.json and file sizes. Nothing else is fetched.
 *
 * @throws AppError `model-unsupported` | `model-damaged`, and the errors of the hub's client
 */
export async function hubModelCard(
  client: HubClient,
  { modelId, revision }: { readonly modelId: ModelId; readonly revision: string },
  knownFamilies: readonly KnownFamily[],
  facts: CatalogueFacts | undefined,
  signal: AbortSignal,
): Promise<ModelCard> {
  const manifest = await client.manifest(modelId, revision, signal)
  const config = await client.readJson(manifest, 'config.json', signal)
  // Checks the family first, which rules out most models that cannot run here.
  modelCardOfConfig(modelId, config, 1, knownFamilies)
  const weights = neededFiles(manifest.files, await indexedFiles(client, manifest, signal)).filter(({ path }) =>
    path.endsWith('.safetensors'),
  )
  if (weights.length === 0)
    throw new AppError(
      'model-unsupported',
      `${modelId} has no safetensors weights at ${client.endpoint}. To find a conversion: exo models search ${modelId.split('/')[1]}`,
      { modelId },
    )
  const weightBytes = weights.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const hasLongestText = manifest.files.some(({ path }) => path === LONGEST_TEXT_FILE)
  const longestText = longestTextOf(hasLongestText ? await client.readJson(manifest, LONGEST_TEXT_FILE, signal) : null)
  const card = modelCardOfConfig(modelId, config, weightBytes, knownFamilies, facts, undefined, longestText)
  return { ...card, hubCommit: manifest.commit }
}
