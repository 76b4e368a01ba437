import type { ShellView } from '../../../shared/wire/shell/shell.ts'

export type AppMenuAct =
  | { readonly type: 'open-window'; readonly view: ShellView }
  | { readonly type: 'new-chat' }
  | { readonly type: 'show-log' }
  | { readonly type: 'open-reference' }

/** `role`: an entry whose name and work the system provides. */
export type AppMenuEntry =
  | { readonly kind: 'separator' }
  | { readonly kind: 'role'; readonly role: AppMenuRole }
  | { readonly kind: 'act'; readonly label: string; readonly key: string | null; readonly act: AppMenuAct }
  | { readonly kind: 'menu'; readonly label: string; readonly entries: readonly AppMenuEntry[] }

export type AppMenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'quit'
  | 'close'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'toggleDevTools'
  | 'minimize'
  | 'zoom'
  | 'front'

const separator: AppMenuEntry = { kind: 'separator' }
const roles = (...names: AppMenuRole[]): AppMenuEntry[] => names.map((role) => ({ kind: 'role', role }))
const act = (label: string, key: string | null, what: AppMenuAct): AppMenuEntry => ({ kind: 'act', label, key, act: what })
const menu = (label: string, ...entries: AppMenuEntry[]): AppMenuEntry => ({ kind: 'menu', label, entries })
const open = (label: string, key: string, view: ShellView): AppMenuEntry => act(label, `CmdOrCtrl+${key}`, { type: 'open-window', view })

/** The menu bar of the app. @param isFromSource - developers may look into the pages */
export function appMenu(platform: string, isFromSource: boolean): AppMenuEntry[] {
  const isMac = platform === 'darwin'
  const settings = open('Settings…', ',', 'settings')
  return [
    ...(isMac
      ? [
          menu(
            'exo',
            ...roles('about'),
            separator,
            settings,
            separator,
            ...roles('services'),
            separator,
            ...roles('hide', 'hideOthers', 'unhide'),
            separator,
            ...roles('quit'),
          ),
        ]
      : []),
    menu(
      'File',
      act('New Chat', 'CmdOrCtrl+N', { type: 'new-chat' }),
      separator,
      ...roles('close'),
      ...(isMac ? [] : [separator, settings, ...roles('quit')]),
    ),
    menu('Edit', ...roles('undo', 'redo'), separator, ...roles('cut', 'copy', 'paste', 'selectAll')),
    menu(
      'View',
      open('Chat', '1', 'chat'),
      open('Models', '2', 'models'),
      open('Cluster', '3', 'cluster'),
      separator,
      ...roles('resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'),
      ...(isFromSource ? [separator, ...roles('toggleDevTools')] : []),
    ),
    menu('Window', ...roles('minimize', 'zoom'), ...(isMac ? [separator, ...roles('front')] : [])),
    menu('Help', act('API Reference', null, { type: 'open-reference' }), act('Show Logs', null, { type: 'show-log' })),
  ]
}
