import { BrowserWindow, screen } from 'electron'
import { popoverManner } from '../../domain/desktop/popover-manner.ts'
import { popoverPosition, type Rectangle } from '../../domain/desktop/popover-position.ts'
import type { Clock } from '../../platform/clock.ts'
import { APP_SCHEME } from './page-policy.ts'
import { pagePreferences } from './page-preferences.ts'

const WIDTH = 340
const FIRST_HEIGHT = 420
/** The longest time between losing focus and the click that caused it. */
const SAME_CLICK_MS = 200

export interface PopoverWindow {
  readonly window: BrowserWindow
  /** @param icon - null if the system does not report the tray icon's position */
  toggle(icon: Rectangle | null): void
  show(icon: Rectangle | null): void
  hide(): void
  /** Sets the window's height to that of its content. */
  fit(height: number): void
}

/** Loaded at start and hidden rather than closed, because a click must not wait for a page to load. */
export async function openPopover(preload: string, clock: Pick<Clock, 'now'>): Promise<PopoverWindow> {
  const manner = popoverManner(process.platform)
  const window = new BrowserWindow({
    width: WIDTH,
    height: FIRST_HEIGHT,
    show: false,
    frame: false,
    resizable: false,
    movable: false,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    skipTaskbar: true,
    alwaysOnTop: true,
    title: 'exo',
    ...manner.options,
    webPreferences: pagePreferences(preload),
  })
  if (manner.spaces) window.setVisibleOnAllWorkspaces(true, manner.spaces)
  let lastIcon: Rectangle | null = null
  /**
   * When the popover was last hidden. A click on the icon takes the focus first, which hides the popover. The same
   * click must not reopen it.
   */
  let hiddenAtMs = -Infinity
  const place = (): void => {
    const { workArea } = lastIcon ? screen.getDisplayMatching(lastIcon) : screen.getPrimaryDisplay()
    const { width, height } = window.getBounds()
    const { x, y } = popoverPosition(lastIcon, { width, height }, workArea)
    window.setPosition(x, y)
  }
  const hide = (): void => {
    if (!window.isVisible()) return
    hiddenAtMs = clock.now()
    window.hide()
  }
  const show = (icon: Rectangle | null): void => {
    lastIcon = icon
    place()
    window.show()
    window.focus()
  }
  window.on('blur', () => {
    if (!window.webContents.isDevToolsOpened()) hide()
  })
  window.on('close', (event) => {
    event.preventDefault()
    hide()
  })
  await window.loadURL(`${APP_SCHEME}://popover/`)
  return {
    window,
    show,
    hide,
    toggle(icon) {
      if (window.isVisible()) hide()
      else if (clock.now() - hiddenAtMs > SAME_CLICK_MS) show(icon)
    },
    fit(height) {
      window.setContentSize(WIDTH, height)
      if (window.isVisible()) place()
    },
  }
}
