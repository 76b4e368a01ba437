import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ClusterRecordStore } from '../cluster/admission/admission-dependencies.ts'
import { lineageOf } from '../domain/admission/cluster-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { takeTurns } from '../platform/take-turns.ts'
import { ClusterRecord } from '../shared/wire/cluster-record.ts'

/** Names of clusters are made up by people, so these are those of years. */
const MOST_CLUSTERS = 64

const BookFile = z.strictObject({ clusters: z.array(z.strictObject({ clusterName: z.string().min(1).max(64), record: ClusterRecord })).max(MOST_CLUSTERS) })

export interface ClusterBookOptions {
  readonly dataDir: string
  /** The cluster of this machine alone: it never goes over into another. */
  readonly ownName: string
  /** The key of that cluster as settings of before have it. */
  readonly ownKey: string | null
  readonly random: Pick<Random, 'bytes'>
  readonly clock: Pick<Clock, 'epochMs'>
  readonly log: { warn(message: string, fields: Record<string, unknown>): void }
}

/** The closed clusters that this machine is or was a member of, with their secrets and members (`clusters.json`, 0600). */
export interface ClusterBook {
  /** Its record; a new one of this machine alone, where it was in none of that name. */
  open(clusterName: string): ClusterRecordStore
  /** Resolves when all changes so far are on disk, or could not be kept. */
  settled(): Promise<void>
}

export async function openClusterBook({ dataDir, ownName, ownKey, random, clock, log }: ClusterBookOptions): Promise<ClusterBook> {
  const path = join(dataDir, 'clusters.json')
  const records = new Map<string, ClusterRecord>()
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  for (const { clusterName, record } of (text === null ? null : await parse(text, path, log))?.clusters ?? []) {
    // A start is a new one: who has members does not go over to strangers any more.
    records.set(clusterName, { ...record, isSettled: record.isSettled || record.members.length > 0 })
  }
  const inTurn = takeTurns()
  const hex = (bytes: number): string => Buffer.from(random.bytes(bytes)).toString('hex')
  const fresh = (clusterName: string): ClusterRecord => ({ lineage: lineageOf(clock.epochMs(), hex(10)), secret: hex(32), removed: [], isSettled: clusterName === ownName, members: [] })
  const write = async (): Promise<void> => {
    const clusters = [...records].map(([clusterName, record]) => ({ clusterName, record })).slice(-MOST_CLUSTERS)
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, `${JSON.stringify({ clusters }, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  // A full disk is no reason not to run: what was learnt then lasts as long as this run.
  const keep = (): Promise<void> => inTurn(write).catch((error: unknown) => log.warn('the members of the cluster could not be kept', { error }))
  return {
    open(clusterName) {
      const change = (record: ClusterRecord): Promise<void> => {
        records.delete(clusterName)
        records.set(clusterName, record)
        return keep()
      }
      const first = clusterName === ownName && ownKey !== null ? { ...fresh(clusterName), secret: ownKey } : fresh(clusterName)
      if (!records.has(clusterName)) void change(first)
      return { current: () => records.get(clusterName) ?? first, change, fresh: () => fresh(clusterName) }
    },
    settled: () => inTurn(() => undefined),
  }
}

async function parse(text: string, path: string, log: ClusterBookOptions['log']): Promise<z.infer<typeof BookFile> | null> {
  try {
    return BookFile.parse(JSON.parse(text))
  } catch (error) {
    // A member that has lost the secret is let in again as one that comes back: the others know its key.
    log.warn('the members of clusters are damaged; the file is set aside', { path, error })
    await rename(path, `${path}.damaged`)
    return null
  }
}
