import type { EnvironmentName } from './environment.ts'

/** A real client and the flows of its driver. */
export interface Client {
  readonly name: string
  readonly environment: EnvironmentName
  /** Another environment, whose programs its driver also runs. */
  readonly beside?: EnvironmentName
  /** File in `drivers`. */
  readonly driver: string
  /** Whether it installs in seconds and is therefore part of the default run. */
  readonly isQuick?: true
  readonly flows: readonly string[]
  /** Names of the packages that it tests, whose versions its environment pins. */
  readonly packages: readonly string[]
  /** The version whose recorded requests are sent, if the client itself is too large to install. */
  readonly replays?: Readonly<Record<string, string>>
}

export const npm = (name: string): EnvironmentName => ({ kind: 'npm', name })
export const pypi = (name: string): EnvironmentName => ({ kind: 'pypi', name })
/** The flows of a client with which one chats, of an SDK, and of a coding agent. */
export const CHAT = ['chat', 'stream', 'tools', 'multi-turn', 'cancel', 'errors']
export const SDK = ['list', ...CHAT]
export const AGENT = ['tools', 'multi-turn', 'cancel', 'errors']
