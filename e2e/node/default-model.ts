import { join } from 'node:path'
import { cacheDir } from '../../main/platform/files/default-folders.ts'
import { get } from './call-api.ts'
import { runExo } from './run-exo.ts'
import type { RunningExo } from './start-exo.ts'

/** SmolLM2, as downloaded by set-up. */
export const defaultModelFile = join(cacheDir(), 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf')

/** The model that a node loads by default, and its folder. */
export async function defaultModel(node: RunningExo): Promise<{ model: string; modelDir: string }> {
  const { body } = await get(node.apiUrl, '/v1/models')
  const model = body.data.find((entry: any) => entry.loaded)?.id as string
  const { stdout } = await runExo(['models', 'ls', '--json', '--data-dir', node.dataDir])
  const { models } = JSON.parse(stdout) as { models: { modelId: string; modelDir: string }[] }
  const entry = models.find(({ modelId }) => modelId === model)
  if (!entry) throw new Error(`exo models ls does not name ${model}:\n${stdout}`)
  return { model, modelDir: entry.modelDir }
}
