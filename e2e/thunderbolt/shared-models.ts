import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultModelFile } from '../node/default-model.ts'
import { runExo } from '../node/run-exo.ts'

export interface SharedModels {
  readonly modelsDir: string
  readonly model: string
  remove(): Promise<void>
}

/** Puts SmolLM2, as downloaded by set-up, into a folder for all nodes of a desk. */
export async function shareModels(): Promise<SharedModels> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-models-'))
  const model = 'local/smollm2'
  const launcher = process.env['EXO_LAUNCHER']
  const { status, stderr } = await runExo(
    ['models', 'import', defaultModelFile, '--id', model, '--data-dir', folder],
    launcher === undefined ? {} : { launcher },
  )
  if (status !== 0) throw new Error(`the model could not be imported:\n${stderr}`)
  return { modelsDir: join(folder, 'models'), model, remove: () => rm(folder, { recursive: true }) }
}
