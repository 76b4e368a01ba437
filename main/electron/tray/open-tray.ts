import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, nativeTheme, screen, Tray } from 'electron'
import { join } from 'node:path'
import { type MenuAct, type MenuEntry, menuEntries } from '../../domain/desktop/menu-entries.ts'
import { iconPlace } from '../../domain/desktop/icon-place.ts'
import type { Rectangle } from '../../domain/desktop/popover-position.ts'
import type { DesktopTexts } from '../../domain/desktop/texts/desktop-texts.ts'
import { type TrayState, trayStateOf } from '../../domain/desktop/tray-state.ts'
import type { ShellState } from '../../shared/wire/shell/shell.ts'

export interface OpenTray {
  show(state: ShellState): void
  close(): void
}

export interface TrayOptions {
  readonly imagesDir: string
  readonly state: () => ShellState
  readonly texts: DesktopTexts
  readonly onClick: (icon: Rectangle | null) => void
  readonly onAct: (act: MenuAct) => void
}

/** The icon in the menu bar: a click opens the popover, a right click the menu. */
export function openTray({ imagesDir, state, texts, onClick, onAct }: TrayOptions): OpenTray {
  let shown = trayStateOf(state())
  const tray = new Tray(trayImage(imagesDir, shown))
  const iconBounds = (): Rectangle | null => iconPlace(tray.getBounds(), screen.getAllDisplays(), process.platform)
  const menu = (): Menu => Menu.buildFromTemplate(menuEntries(state(), texts).map((entry) => toMenuItem(entry, onAct)))
  tray.setToolTip(texts.tooltips[shown])
  tray.on('click', () => onClick(iconBounds()))
  tray.on('right-click', () => tray.popUpContextMenu(menu()))
  const refresh = (): void => {
    tray.setImage(trayImage(imagesDir, shown))
    tray.setToolTip(texts.tooltips[shown])
  }
  nativeTheme.on('updated', refresh)
  return {
    show(next) {
      // On Linux, many desktops show a menu only if it is set in advance.
      if (process.platform === 'linux') tray.setContextMenu(menu())
      const state = trayStateOf(next)
      if (state === shown) return
      shown = state
      refresh()
    },
    close() {
      nativeTheme.off('updated', refresh)
      tray.destroy()
    },
  }
}

/** macOS colours a template image itself; elsewhere the image must suit the bar. Electron finds the double-size image. */
function trayImage(folder: string, state: TrayState): NativeImage {
  if (process.platform === 'darwin') return nativeImage.createFromPath(join(folder, `${state}Template.png`))
  return nativeImage.createFromPath(join(folder, `${state}-${nativeTheme.shouldUseDarkColors ? 'light' : 'dark'}.png`))
}

function toMenuItem(entry: MenuEntry, onAct: (act: MenuAct) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'separator':
      return { type: 'separator' }
    case 'fact':
      return { label: entry.label, enabled: false }
    case 'act':
      return { label: entry.label, enabled: entry.isEnabled, click: () => onAct(entry.act) }
  }
}
