import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { screenSize } from './start-display.ts'

const BAR_HEIGHT = 24

/** A bar for tray icons in the upper right corner of the screen. */
export interface SystemTray {
  /** Clicks its only icon with real input events. */
  click(button: 'left' | 'right'): Promise<void>
  stop(): Promise<void>
}

export async function startSystemTray(display: string): Promise<SystemTray> {
  const env = { ...process.env, DISPLAY: display }
  const bar = spawn(
    'trayer',
    ['--edge', 'top', '--align', 'right', '--widthtype', 'request', '--height', String(BAR_HEIGHT), '--SetDockType', 'true'],
    { env, stdio: 'ignore' },
  )
  await once(bar, 'spawn')
  const exited = once(bar, 'exit')
  return {
    async click(button) {
      const place = [String(screenSize.width - BAR_HEIGHT / 2), String(BAR_HEIGHT / 2)]
      await promisify(execFile)('xdotool', ['mousemove', ...place, 'click', button === 'left' ? '1' : '3'], { env })
    },
    async stop() {
      bar.kill('SIGTERM')
      await exited
    },
  }
}
