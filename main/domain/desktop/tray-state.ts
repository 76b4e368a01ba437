import type { ShellState } from '../../shared/wire/shell/shell.ts'

/** The state shown by the menu bar icon; each has its own image in `assets/tray/`. */
export type TrayState = 'alone' | 'joined' | 'busy' | 'problem'

/** The worst state wins, because people look at the icon to spot problems. */
export function trayStateOf({ node, view }: Pick<ShellState, 'node' | 'view'>): TrayState {
  const instances = Object.values(view?.instances ?? {})
  if (node.kind === 'failed' || node.kind === 'restarting' || instances.some(({ status }) => status === 'failed')) return 'problem'
  if (instances.some(({ status }) => status === 'loading' || status === 'recovering')) return 'busy'
  if (instances.some(({ decodeTokensPerSecond }) => (decodeTokensPerSecond ?? 0) > 0)) return 'busy'
  return Object.keys(view?.nodes ?? {}).length > 1 ? 'joined' : 'alone'
}
