import { once } from 'node:events'
import type { LabProcess } from './network-lab.ts'

/** Waits until a process on a lab host ends. @returns its exit status and its whole output */
export async function whenEnded(child: LabProcess): Promise<{ readonly status: number | null; readonly output: string }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, output }
}
