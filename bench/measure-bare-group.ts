import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../main/shared/app-error.ts'
import { freePorts } from '../main/platform/network/free-ports.ts'

const ROUNDS = 2000
const RANKS = [0, 1]

const Figures = z.strictObject({ pingPongSeconds: z.number().min(0), allSumSeconds: z.number().min(0) })

/** The times of two ranks of MLX's own TCP ring on this machine, in Python and without a model. */
export interface BareGroupFigures {
  /** Round-trip time. */
  readonly pingPongMs: number
  readonly allSumMs: number
}

/** @param values - float32 in the vector: the hidden size of a model. @throws AppError `mlx-group-failed` */
export async function measureBareGroup(python: string, values: number): Promise<BareGroupFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-bench-'))
  try {
    const hostfile = join(folder, 'hosts.json')
    await writeFile(hostfile, JSON.stringify((await freePorts(RANKS.length)).map((port) => [`127.0.0.1:${port}`])))
    const outputs = await Promise.all(RANKS.map((rank) => runRank(python, values, { MLX_HOSTFILE: hostfile, MLX_RANK: String(rank) })))
    const { pingPongSeconds, allSumSeconds } = Figures.parse(JSON.parse(outputs[0] ?? ''))
    return { pingPongMs: pingPongSeconds * 1000, allSumMs: allSumSeconds * 1000 }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function runRank(python: string, values: number, environment: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(python, [join(import.meta.dirname, 'mlx_group.py'), String(values), String(ROUNDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  if (exitCode !== 0)
    throw new AppError('mlx-group-failed', 'A rank of the bare MLX group exited early. Its output is above.', { exitCode })
  return output
}
