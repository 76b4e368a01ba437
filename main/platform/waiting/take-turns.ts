export type InTurn = <Result>(act: () => Result | Promise<Result>) => Promise<Result>

/**
 * Runs operations one after another. A failure is reported to its own caller and does not block the next operation. The
 * caller limits how many wait.
 */
export function takeTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const result = last.then(act)
    last = result.catch(() => undefined) // reported to the caller through `result`
    return result
  }
}
