import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DaemonHost } from '../daemon/daemon.ts'
import { ducklakeExtensionFile } from '../history/ducklake-extension.ts'
import { cacheDir } from '../platform/default-folders.ts'
import { forkProcess } from '../platform/fork-process.ts'

/** The product's own folder, whether this file runs as source (`main/cli/`) or bundled (`dist/`). */
export function productDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('The installation is incomplete: no package.json above the program. Install it again.')
    folder = parent
  }
  return folder
}

export type CliHost = Omit<DaemonHost, 'onProgress'>

/** Where this process finds what a node needs beside its code. */
export function processHost(): CliHost {
  const folder = productDir()
  const isBundled = !fileURLToPath(import.meta.url).endsWith('.ts')
  return {
    workerEntry: isBundled ? join(folder, 'dist', 'worker.mjs') : join(folder, 'main', 'worker', 'child', 'main.ts'),
    tokenizerEntry: isBundled ? join(folder, 'dist', 'tokenizer-thread.mjs') : join(folder, 'main', 'models', 'tokenizer', 'tokenizer-thread.ts'),
    historyEntry: isBundled ? join(folder, 'dist', 'history.mjs') : join(folder, 'main', 'history', 'child', 'main.ts'),
    ducklakeFile: ducklakeExtensionFile(cacheDir(), `${process.platform}-${process.arch}`),
    nativeAddon: join(folder, 'build', 'native', 'exo_engine.node'),
    assetsDir: join(folder, 'assets'),
    dashboardDir: join(folder, 'dist', 'renderer'),
    defaultModelFile: join(cacheDir(), 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
    spawn: forkProcess,
  }
}
