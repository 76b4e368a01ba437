import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import { version } from '../shared/version.ts'
import { buildFacts, installedFiles, productDir } from './process-host.ts'

const Engine = z.object({ mlxVersion: z.string(), kernels: z.string() })
const GIT_LIMIT_MS = 5_000

/** The answer of `exo --version --json`. The commit is null outside a checkout of git and a build; the engine, where it is not built. */
export function versionFacts() {
  const build = buildFacts()
  const engine = engineFacts()
  return {
    version,
    commit: build?.commit ?? checkedOutCommit(),
    engine: engine?.kernels ?? null,
    mlx: engine?.mlxVersion ?? build?.mlx ?? null,
    target: build?.target ?? `${process.platform}-${process.arch}`,
    node: process.versions.node,
  }
}

function engineFacts(): z.infer<typeof Engine> | null {
  try {
    return Engine.parse(createRequire(import.meta.url)(installedFiles().nativeAddon))
  } catch {
    // It is not built yet, or cannot run here; exo doctor says why.
    return null
  }
}

function checkedOutCommit(): string | null {
  const folder = productDir()
  if (!existsSync(join(folder, '.git'))) return null
  const { stdout, status } = spawnSync('git', ['-C', folder, 'rev-parse', 'HEAD'], { encoding: 'utf8', timeout: GIT_LIMIT_MS })
  return status === 0 ? stdout.trim() : null
}
