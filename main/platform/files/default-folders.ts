import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The data folder of a node: `EXO_HOME`, or else `~/.exo`. */
export function defaultDataDir(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = environment['EXO_HOME']
  return home ? resolvePath(home) : join(homedir(), '.exo')
}

/** The cache folder, also used by setup. */
export function cacheDir(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment['EXO_CACHE'] ? resolvePath(environment['EXO_CACHE']) : join(homedir(), '.cache', 'exo-distributed')
}

/** Makes a path absolute and expands a leading `~`. */
export function resolvePath(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path)
}
