import type { ShellState } from '../../shared/wire/shell/shell.ts'

/** What the icon in the menu bar tells; each has an image of its own in `assets/tray/`. */
export type TrayState = 'alone' | 'joined' | 'busy' | 'problem'

/** The worst first: who looks at the icon looks for trouble. */
export function trayStateOf({ node, view }: Pick<ShellState, 'node' | 'view'>): TrayState {
  const instances = Object.values(view?.instances ?? {})
  if (node.kind === 'failed' || node.kind === 'restarting' || instances.some(({ status }) => status === 'failed')) return 'problem'
  if (instances.some(({ status }) => status === 'loading' || status === 'recovering')) return 'busy'
  if (instances.some(({ decodeTokensPerSecond }) => (decodeTokensPerSecond ?? 0) > 0)) return 'busy'
  return Object.keys(view?.nodes ?? {}).length > 1 ? 'joined' : 'alone'
}
