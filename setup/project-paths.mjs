import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root folder of the checkout. */
export const projectDir = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

/** The folder of set-up's stamps, logs and lock. */
export const setupStateDir = join(projectDir, 'build', 'setup')

/** The folder of downloads and environments, which outlive a checkout and are shared by all checkouts. */
export const cacheDir = process.env.EXO_CACHE || join(homedir(), '.cache', 'exo-distributed')
