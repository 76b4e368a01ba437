import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const projectDir = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

/** Stamps, logs and the lock of set-up. */
export const setupStateDir = join(projectDir, 'build', 'setup')

/** Downloads and environments that outlive a checkout and are shared by several. */
export const cacheDir = process.env.EXO_CACHE || join(homedir(), '.cache', 'exo-distributed')
