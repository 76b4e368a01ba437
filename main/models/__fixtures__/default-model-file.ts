import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The default model's GGUF, fetched by set-up's own script where it is not in the cache. */
export function defaultModelGguf(): string {
  const script = fileURLToPath(new URL('../../../setup/fetch/fetch-default-model.mjs', import.meta.url))
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim()
}
