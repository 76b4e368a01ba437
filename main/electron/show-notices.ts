import { Notification } from 'electron'
import type { DesktopTexts } from '../domain/desktop/texts/desktop-texts.ts'
import { noticesBetween } from '../domain/desktop/notices.ts'
import type { ShellStateStore } from './shell-state-store.ts'

/** Maximum number at once: a failing cluster must not fill the screen. */
const MOST_AT_ONCE = 3

/** Shows events as system notifications, unless they are turned off. */
export function showNotices(store: ShellStateStore, texts: DesktopTexts, onClick: () => void): void {
  store.onChange((state, previous) => {
    if (!state.settings.showsNotifications || !Notification.isSupported()) return
    for (const { title, body } of noticesBetween(previous, state, texts).slice(0, MOST_AT_ONCE)) {
      const notification = new Notification({ title, body })
      notification.on('click', onClick)
      notification.show()
    }
  })
}
