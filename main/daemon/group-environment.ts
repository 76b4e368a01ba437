import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { workerLaunch } from '../domain/launch/worker-launch.ts'
import type { InstanceId } from '../shared/ids.ts'
import type { ShardAssignment } from './shard-host.ts'

/** Writes the files that tell a worker of its group, in place of those of earlier epochs, and gives the variables that point to them. */
export async function groupEnvironment({ instance, shard }: ShardAssignment, dataDir: string): Promise<Readonly<Record<string, string>>> {
  const ofInstance = groupDir(dataDir, instance.instanceId)
  const directory = join(ofInstance, `${instance.epoch}-${shard.rank}`)
  const launch = workerLaunch(instance.placement, {
    rank: shard.rank,
    portByRank: instance.shards.map(({ port }) => port),
    directory,
    fastSynch: process.env['MLX_METAL_FAST_SYNCH'] === '1',
  })
  await rm(ofInstance, { recursive: true, force: true })
  if (launch.files.length > 0) await mkdir(directory, { recursive: true })
  for (const { path, content } of launch.files) await writeFile(path, content)
  return launch.variables
}

/** Forgets the groups of a node that ran before. */
export function clearGroups(dataDir: string): Promise<void> {
  return rm(groupsDir(dataDir), { recursive: true, force: true })
}

function groupsDir(dataDir: string): string {
  return join(dataDir, 'groups')
}

/** A peer chose the id: its hash names the folder, so that it cannot lead out of here. */
function groupDir(dataDir: string, instanceId: InstanceId): string {
  return join(groupsDir(dataDir), createHash('sha256').update(instanceId).digest('hex').slice(0, 32))
}
