import type { Terminal } from '../terminal.ts'
import { watchInTerminal } from '../text/watch-listing.ts'

export interface ShownListing {
  readonly json?: true
  readonly watch?: true
}

/**
 * Shows a listing once, or again every second with `--watch`: as text, or as JSON with `--json`.
 *
 * @param jsonOf - the JSON; on one line for each change if it is watched
 */
export async function showListing<Value>(
  terminal: Terminal,
  { json, watch }: ShownListing,
  read: () => Promise<Value>,
  textOf: (value: Value) => string,
  jsonOf: (value: Value, indent: number) => string,
): Promise<void> {
  if (!watch) return terminal.line(json ? jsonOf(await read(), 2) : textOf(await read()))
  if (json) return watchInTerminal(terminal, async () => jsonOf(await read(), 0), { isScreen: false })
  await watchInTerminal(terminal, async () => textOf(await read()))
}
