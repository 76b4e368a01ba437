/** What a file `fuzz/<parser>.fuzz.ts` exports as its default: one parser that bytes of strangers reach. */
export interface FuzzTarget {
  /** Good inputs, and bad ones that once were a fault. Mutations begin at them. */
  readonly seeds: readonly (string | Uint8Array)[]
  /** Words that chance alone would not find, put into inputs. */
  readonly words?: readonly string[]
  /** A refusal is no fault: catch the error that the parser promises. Whatever is thrown from here is one. */
  run(bytes: Buffer): void | Promise<void>
}
