/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function interruption(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    let isInterrupted = false
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.on(signal, () => {
        if (isInterrupted) process.exit(status)
        isInterrupted = true
        resolve(signal)
      })
    }
  })
}
