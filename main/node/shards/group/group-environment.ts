import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LaunchOptions, workerLaunch } from '../../../domain/launch/worker-launch.ts'
import { hashedName } from '../../../platform/files/hashed-name.ts'
import { insideRoot } from '../../../platform/files/inside-root.ts'
import type { ShardAssignment } from './shard-assignment.ts'

/** Writes the files that describe its group to a worker, replaces those of earlier epochs, and returns the variables that point to them. */
export async function groupEnvironment(
  { instance, shard }: ShardAssignment,
  dataDir: string,
  loopbackPorts: LaunchOptions['loopbackPorts'],
): Promise<Readonly<Record<string, string>>> {
  const ofInstance = insideRoot(groupsDir(dataDir), hashedName(instance.instanceId))
  const directory = insideRoot(ofInstance, `${instance.epoch}-${shard.rank}`)
  const launch = workerLaunch(instance.placement, {
    rank: shard.rank,
    portByRank: instance.shards.map(({ port }) => port),
    loopbackPorts,
    directory,
    fastSynch: process.env['MLX_METAL_FAST_SYNCH'] === '1',
  })
  await rm(ofInstance, { recursive: true, force: true })
  if (launch.files.length > 0) await mkdir(directory, { recursive: true })
  for (const { path, content } of launch.files) await writeFile(insideRoot(directory, path), content)
  return launch.variables
}

/** Deletes the group files of an earlier run of the node. */
export function clearGroups(dataDir: string): Promise<void> {
  return rm(groupsDir(dataDir), { recursive: true, force: true })
}

function groupsDir(dataDir: string): string {
  return join(dataDir, 'groups')
}
