import { escapeControls } from '../shared/formats/escape-controls.ts'
import { formatBytes } from '../shared/formats/byte-size.ts'

/** A progress line that is redrawn on a terminal, or a few lines elsewhere. */
export interface ProgressLine {
  /** @param detail - shown only on a terminal, as it changes too often for lines */
  update(label: string, doneBytes: number, totalBytes: number, detail?: string): void
  end(): void
}

export interface Terminal {
  /** Text of this program, which may control the terminal. */
  write(text: string): void
  /** Text of anyone, without a line break at its end. */
  say(text: string): void
  line(text: string): void
  error(text: string): void
  progress(): ProgressLine
  /** Resolves when the reader of the output is gone, as after `exo … | head -1`. */
  readonly readerGone: Promise<void>
}

/** Drops output when its reader is gone; the node and its log continue. */
export function createTerminal(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Terminal {
  const readerGone = new Promise<void>((resolve) => out.on('error', unlessClosed(resolve)))
  err.on(
    'error',
    unlessClosed(() => undefined),
  )
  return {
    readerGone,
    write: (text) => void out.write(text),
    say: (text) => void out.write(escapeControls(text)),
    line: (text) => void out.write(`${escapeControls(text)}\n`),
    error: (text) => void err.write(`${escapeControls(text)}\n`),
    progress: () => createProgressLine(err),
  }
}

function unlessClosed(onClosed: () => void): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    // A full disk loses the output, but does not end the program.
    if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return
    if (error.code !== 'EPIPE') throw error
    onClosed()
  }
}

function createProgressLine(stream: NodeJS.WriteStream): ProgressLine {
  let isDrawn = false
  let lastLabel = ''
  let lastTenth = -1
  return {
    update(label, doneBytes, totalBytes, detail = '') {
      const percent = totalBytes === 0 ? 0 : Math.min(100, Math.floor((100 * doneBytes) / totalBytes))
      const text = `${escapeControls(label)}  ${percent} %  ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${text}${detail === '' ? '' : `  (${escapeControls(detail)})`}`)
        isDrawn = true
        return
      }
      const tenth = Math.floor(percent / 25)
      if (label === lastLabel && tenth === lastTenth) return
      lastLabel = label
      lastTenth = tenth
      stream.write(`${text}\n`)
    },
    end() {
      if (isDrawn) stream.write('\r\x1b[2K')
      isDrawn = false
    },
  }
}
