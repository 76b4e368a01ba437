export type InTurn = <Result>(act: () => Result | Promise<Result>) => Promise<Result>

/** Lets acts run one after the other. One that fails holds up none behind it; its own caller is told. The caller bounds how many wait. */
export function takeTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const result = last.then(act)
    last = result.catch(() => undefined) // told to the caller, by `result`
    return result
  }
}
