import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The GGUF file of the default model, downloaded by the setup's own script if it is not in the cache. */
export function defaultModelGguf(): string {
  const script = fileURLToPath(new URL('../../../setup/fetch/fetch-default-model.mjs', import.meta.url))
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim()
}
