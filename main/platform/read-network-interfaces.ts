import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

let last: Interfaces = {}

/** As the system tells, or as it did the last time: it cannot where too many files are open, and that ends nothing. */
export function readNetworkInterfaces(read: () => Interfaces = networkInterfaces): Interfaces {
  try {
    last = read()
  } catch {
    // The next reading, soon after, tells what has changed.
  }
  return last
}
