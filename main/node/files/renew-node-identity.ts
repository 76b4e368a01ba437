import { renewIdentity } from '../../cluster/identity/renew-identity.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { alreadyRunning, readNodeFile } from './node-file.ts'

/** Gives the node with this data folder another identity from its next start. @throws AppError `already-running` */
export async function renewNodeIdentity(dataDir: string): ReturnType<typeof renewIdentity> {
  const running = await readNodeFile(dataDir)
  if (running) throw alreadyRunning(dataDir, running)
  return renewIdentity(dataDir, {
    log: createLog({ level: 'warn', format: 'pretty', write: (line) => void process.stderr.write(line) }),
    random: systemRandom,
  })
}
