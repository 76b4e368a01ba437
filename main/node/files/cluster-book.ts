import { join } from 'node:path'
import { z } from 'zod'
import type { ClusterRecordStore } from '../../cluster/admission/admission-dependencies.ts'
import { lineageOf } from '../../domain/admission/cluster-secret.ts'
import type { Clock } from '../../platform/clock.ts'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import type { Random } from '../../platform/random.ts'
import { randomHex } from '../../platform/random-hex.ts'
import { errorCode } from '../../shared/app-error.ts'
import { ClusterRecord } from '../../shared/wire/peer/cluster-record.ts'

/** Names of clusters are typed by people, so this is enough for years. */
const MOST_CLUSTERS = 64

const BookFile = z.strictObject({
  clusters: z.array(z.strictObject({ clusterName: z.string().min(1).max(64), record: ClusterRecord })).max(MOST_CLUSTERS),
})

export interface ClusterBookOptions {
  readonly dataDir: string
  /** The cluster of this machine only; it never merges into another. */
  readonly ownName: string
  /** The key of that cluster in settings of earlier versions. */
  readonly ownKey: string | null
  readonly random: Pick<Random, 'bytes'>
  readonly clock: Pick<Clock, 'epochMs'>
  /** Notified of the outcome of disk operations. */
  readonly disk?: DiskWatch
  readonly log: { warn(message: string, fields: Record<string, unknown>): void }
}

/** The closed clusters that this machine is or was a member of, with their secrets and members (`clusters.json`, 0600). */
export interface ClusterBook {
  /** The record of a cluster; if there is none, a new one with this machine as the only member. */
  open(clusterName: string): ClusterRecordStore
  /** Resolves when all changes so far have been written or could not be. */
  settled(): Promise<void>
}

export async function openClusterBook({ dataDir, ownName, ownKey, random, clock, disk, log }: ClusterBookOptions): Promise<ClusterBook> {
  const path = join(dataDir, 'clusters.json')
  const records = new Map<string, ClusterRecord>()
  // No previous copy: it would hold a secret that a removed machine knows.
  const file = new DurableFile({
    path,
    parse: (text) => BookFile.parse(JSON.parse(text)),
    format: (book) => `${JSON.stringify(book, null, 2)}\n`,
    mode: 0o600,
    keepsCopy: false,
    watch: disk,
  })
  for (const { clusterName, record } of (await readOrSetAside(file, log))?.clusters ?? []) {
    // After a restart, a cluster with members no longer merges into others automatically.
    records.set(clusterName, { ...record, isSettled: record.isSettled || record.members.length > 0 })
  }
  const fresh = (clusterName: string): ClusterRecord => ({
    lineage: lineageOf(clock.epochMs(), randomHex(random, 10)),
    secret: randomHex(random, 32),
    removed: [],
    isSettled: clusterName === ownName,
    members: [],
  })
  let kept = Promise.resolve()
  // The node also runs on a full disk; its changes then last only until it ends.
  const keep = (): Promise<void> => {
    const clusters = [...records].map(([clusterName, record]) => ({ clusterName, record })).slice(-MOST_CLUSTERS)
    kept = file.write({ clusters }).catch((error: unknown) => log.warn('the members of the cluster could not be saved', { error }))
    return kept
  }
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
    settled: () => kept,
  }
}

async function readOrSetAside(
  file: DurableFile<z.infer<typeof BookFile>>,
  log: ClusterBookOptions['log'],
): Promise<z.infer<typeof BookFile> | null> {
  try {
    return await file.read()
  } catch (error) {
    if (errorCode(error) !== 'file-damaged') throw error
    // The other members know this node's key and admit it again.
    log.warn('the file of cluster members is damaged and was set aside', { path: file.path, error })
    await file.setAside()
    return null
  }
}
