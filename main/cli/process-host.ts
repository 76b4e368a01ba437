import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { NodeHost } from '../node/config/node-host.ts'
import { chooseMlxBuild } from '../domain/launch/choose-mlx-build.ts'
import { ducklakeExtensionFile } from '../history/ducklake-extension.ts'
import { cacheDir } from '../platform/files/default-folders.ts'
import type { SpawnProcess } from '../platform/processes/spawn-process.ts'

/** The product's own folder, whether this file runs as source (`main/cli/`) or bundled (`dist/`). */
export function productDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('The installation is incomplete: no package.json above the program. Reinstall exo.')
    folder = parent
  }
  return folder
}

export type CliHost = Omit<NodeHost, 'onProgress'>

/** The files that a node needs besides its code, in a checkout and in the app, where they lie outside the code archive. */
export function installedFiles(): Omit<CliHost, 'spawn'> {
  const folder = productDir()
  const isBundled = !fileURLToPath(import.meta.url).endsWith('.ts')
  const entry = (bundle: string, source: string): string => (isBundled ? join(folder, 'dist', bundle) : join(folder, source))
  const code = {
    workerEntry: entry('worker.mjs', 'main/worker/child/main.ts'),
    tokenizerEntry: entry('tokenizer-thread.mjs', 'main/models/tokenizer/tokenizer-thread.ts'),
    datagramEntry: entry('datagram-thread.mjs', 'main/cluster/link/datagrams/datagram-thread.ts'),
    bodyEntry: entry('body-thread.mjs', 'main/api/bodies/body-thread.ts'),
    historyEntry: entry('history.mjs', 'main/history/child/main.ts'),
    assetsDir: join(folder, 'assets'),
    dashboardDir: join(folder, 'dist', 'renderer'),
  }
  const fetched = {
    ducklakeFile: ducklakeExtensionFile(cacheDir(), `${process.platform}-${process.arch}`),
    defaultModelFile: join(cacheDir(), 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
  }
  const nativeAddon = join(folder, 'build', 'native', 'exo_engine.node')
  // A package without the app has these files beside its code.
  const packed = {
    ducklakeFile: join(folder, 'ducklake', basename(fetched.ducklakeFile)),
    defaultModelFile: join(folder, 'models', basename(fetched.defaultModelFile)),
  }
  if (!folder.endsWith('.asar')) return { ...code, ...(existsSync(packed.ducklakeFile) ? packed : fetched), nativeAddon }
  const resources = dirname(folder)
  return {
    ...code,
    nativeAddon: join(
      resources,
      'native',
      chooseMlxBuild({ platform: process.platform, arch: process.arch, release: release() }),
      'exo_engine.node',
    ),
    defaultModelFile: join(resources, 'models', basename(fetched.defaultModelFile)),
    ducklakeFile: join(resources, 'ducklake', basename(fetched.ducklakeFile)),
  }
}

/** The public key of this build's publisher; a build that is not signed for release has no such file. */
export function updateKeyFile(): string {
  const folder = productDir()
  return join(folder.endsWith('.asar') ? dirname(folder) : folder, 'update-key.pem')
}

const BuildFacts = z.object({
  exoBuild: z
    .object({
      commit: z.string().nullable(),
      mlx: z.string(),
      target: z.string(),
      /** Where this build's publisher announces newer versions. */
      updateFeed: z.string().optional(),
    })
    .optional(),
})

/** From what this program was built; null in a checkout. */
export function buildFacts(): z.infer<typeof BuildFacts>['exoBuild'] | null {
  return BuildFacts.parse(JSON.parse(readFileSync(join(productDir(), 'package.json'), 'utf8'))).exoBuild ?? null
}

/** @param spawn - starts other processes */
export function processHost(spawn: SpawnProcess): CliHost {
  return { ...installedFiles(), spawn }
}
