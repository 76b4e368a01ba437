// Trains the tiny models that write calls, in minutes, once for each version of their recipe, and prints the folder with one per family.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../state/content-hash.mjs'
import { cacheDir, projectDir } from '../project-paths.mjs'
import { pythonEnvironment } from './python-environment.mjs'
import { runLogged } from '../run-logged.mjs'

/** @returns {Promise<string>} */
async function trainCallModels() {
  const recipe = ['e2e/calls/train_call_models.py', 'e2e/clients/model/train_tool_model.py']
  const folder = join(cacheDir, `call-models-${contentHash([...recipe, 'LICENSE']).slice(0, 16)}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  const unfinished = `${folder}.${process.pid}`
  const program = join(projectDir, 'e2e', 'calls', 'train_call_models.py')
  await runLogged('train-call-models', await pythonEnvironment(), [program, unfinished, join(projectDir, 'LICENSE')])
  renameSync(unfinished, folder)
  return folder
}

process.stdout.write(`${await trainCallModels()}\n`)
