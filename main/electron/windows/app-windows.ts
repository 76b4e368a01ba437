import { app, BrowserWindow, screen } from 'electron'
import { fitFrame } from '../../domain/desktop/windows/fit-frame.ts'
import { windowManner } from '../../domain/desktop/windows/window-manner.ts'
import type { WindowFrames } from '../settings-file.ts'
import type { Log } from '../../platform/log/log.ts'
import type { ShellView } from '../../shared/wire/shell/shell.ts'
import { pagePreferences } from './page-preferences.ts'

type WindowKind = 'chat' | 'dashboard'

const sizes: Readonly<Record<WindowKind, { readonly width: number; readonly height: number }>> = {
  chat: { width: 980, height: 760 },
  dashboard: { width: 1240, height: 820 },
}

export interface AppWindows {
  open(view: ShellView): void
  /** Opens the chat window with a new chat. */
  openNewChat(): void
  /** Switches to the node's new address, if it has changed. */
  follow(apiUrl: string): void
  readonly all: () => readonly BrowserWindow[]
}

export interface AppWindowsOptions {
  readonly preload: string
  readonly icon: string
  readonly apiUrl: () => string | null
  /** @throws AppError `not-own-node` if another program answers there */
  readonly check: (apiUrl: string) => Promise<void>
  /** Where the windows were closed. */
  readonly frames: () => WindowFrames
  readonly onFrame: (kind: WindowKind, frame: WindowFrames[WindowKind]) => void
  readonly log: Log
}

/** The windows of the chat and the dashboard. Both show the node's own page, and each opens at most once. */
export function createAppWindows({ preload, icon, apiUrl, check, frames, onFrame, log }: AppWindowsOptions): AppWindows {
  const windows = new Map<WindowKind, BrowserWindow>()
  /** The origin from which each window was loaded. */
  const origins = new Map<BrowserWindow, string>()

  const load = (window: BrowserWindow, origin: string, view: ShellView): void => {
    origins.set(window, origin)
    const loading = check(origin).then(() => {
      if (!window.isDestroyed()) return window.loadURL(`${origin}/dashboard#/${view}`)
    })
    loading.catch((error: unknown) => log.warn('a window could not load', { view, error }))
  }
  const create = (kind: WindowKind, view: ShellView, origin: string): BrowserWindow => {
    const kept = fitFrame(
      frames()[kind] ?? null,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    )
    const window = new BrowserWindow({
      ...sizes[kind],
      ...kept,
      minWidth: 480,
      minHeight: 400,
      show: false,
      title: 'exo',
      icon,
      autoHideMenuBar: true,
      ...windowManner(process.platform),
      webPreferences: pagePreferences(preload),
    })
    windows.set(kind, window)
    window.once('ready-to-show', () => window.show())
    window.on('close', () => onFrame(kind, window.getNormalBounds()))
    window.on('closed', () => {
      windows.delete(kind)
      origins.delete(window)
      if (windows.size === 0) app.dock?.hide()
    })
    window.webContents.on('render-process-gone', (_, { reason }) => {
      log.error('a page crashed', { kind, reason })
      if (reason !== 'clean-exit') window.reload()
    })
    // The dock icon is hidden while no window is open.
    void app.dock?.show()
    load(window, origin, view)
    return window
  }
  const show = (window: BrowserWindow): void => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  return {
    openNewChat() {
      const origin = apiUrl()
      if (origin === null) return
      const window = windows.get('chat')
      if (!window) return void create('chat', 'chat', origin)
      load(window, origin, 'chat')
      show(window)
    },
    open(view) {
      const origin = apiUrl()
      if (origin === null) return
      const kind = view === 'chat' ? 'chat' : 'dashboard'
      const window = windows.get(kind)
      if (!window) return void create(kind, view, origin)
      // A new fragment after `#` only switches the view of the same page, without a reload. An open chat stays.
      if (!window.webContents.getURL().startsWith(`${origin}/dashboard#/${view}/`)) load(window, origin, view)
      show(window)
    },
    follow(origin) {
      for (const [kind, window] of windows) if (origins.get(window) !== origin) load(window, origin, kind === 'chat' ? 'chat' : 'cluster')
    },
    all: () => [...windows.values()],
  }
}
