/** The default export of `fuzz/<parser>.fuzz.ts`: one parser that reads untrusted input. */
export interface FuzzTarget {
  /** Valid inputs, and inputs that once revealed a bug. Mutations start from them. */
  readonly seeds: readonly (string | Uint8Array)[]
  /** Words to insert into inputs that random changes would not find. */
  readonly words?: readonly string[]
  /** Must catch the error with which the parser refuses input. Any error thrown from here counts as a bug. */
  run(bytes: Buffer): void | Promise<void>
}
