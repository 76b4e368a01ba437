import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

let last: Interfaces = {}

/** The system's current list, or else its last one: reading fails while too many files are open, which must not end the node. */
export function readNetworkInterfaces(read: () => Interfaces = networkInterfaces): Interfaces {
  try {
    last = read()
  } catch {
    // The next reading follows soon and shows what has changed.
  }
  return last
}
