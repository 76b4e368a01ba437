import { AppError } from '../shared/app-error.ts'
import { interruption } from './interruption.ts'
import type { ProgressLine, Terminal } from './terminal.ts'

/** Runs long work with a line of progress; Ctrl-C ends it with `whenInterrupted`. */
export async function withProgress<Result>(
  terminal: Terminal,
  whenInterrupted: string,
  work: (progress: ProgressLine, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  void interruption().then(() => stop.abort(new AppError('interrupted', whenInterrupted)))
  const progress = terminal.progress()
  try {
    return await work(progress, stop.signal)
  } finally {
    progress.end()
  }
}
