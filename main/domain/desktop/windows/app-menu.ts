import type { ShellView } from '../../../shared/wire/shell/shell.ts'
import type { DesktopTexts } from '../texts/desktop-texts.ts'

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
export function appMenu(platform: string, isFromSource: boolean, { menu: texts }: DesktopTexts): AppMenuEntry[] {
  const isMac = platform === 'darwin'
  const settings = open(texts.settings, ',', 'settings')
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
      texts.file,
      act(texts.newChat, 'CmdOrCtrl+N', { type: 'new-chat' }),
      separator,
      ...roles('close'),
      ...(isMac ? [] : [separator, settings, ...roles('quit')]),
    ),
    menu(texts.edit, ...roles('undo', 'redo'), separator, ...roles('cut', 'copy', 'paste', 'selectAll')),
    menu(
      texts.view,
      open(texts.chat, '1', 'chat'),
      open(texts.models, '2', 'models'),
      open(texts.clusterView, '3', 'cluster'),
      separator,
      ...roles('resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'),
      ...(isFromSource ? [separator, ...roles('toggleDevTools')] : []),
    ),
    menu(texts.window, ...roles('minimize', 'zoom'), ...(isMac ? [separator, ...roles('front')] : [])),
    menu(texts.help, act(texts.apiReference, null, { type: 'open-reference' }), act(texts.showLogs, null, { type: 'show-log' })),
  ]
}
