import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { AppMenuAct, AppMenuEntry } from '../../domain/desktop/windows/app-menu.ts'

/** Gives the app its menu bar in place of Electron's. */
export function setAppMenu(entries: readonly AppMenuEntry[], onAct: (act: AppMenuAct) => void): void {
  const toItem = (entry: AppMenuEntry): MenuItemConstructorOptions => {
    switch (entry.kind) {
      case 'separator':
        return { type: 'separator' }
      case 'role':
        return { role: entry.role }
      case 'menu':
        return { label: entry.label, submenu: entry.entries.map(toItem) }
      case 'act':
        return { label: entry.label, ...(entry.key === null ? {} : { accelerator: entry.key }), click: () => onAct(entry.act) }
    }
  }
  Menu.setApplicationMenu(Menu.buildFromTemplate(entries.map(toItem)))
}
