import type { Command } from 'commander'
import { renewIdentity } from '../../cluster/identity/renew-identity.ts'
import { alreadyRunning, readNodeFile } from '../../daemon/node-file.ts'
import { createLog } from '../../platform/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'

/** `exo identity`: for a machine that was cloned from another. */
export function addIdentityCommand(program: Command, terminal: Terminal): void {
  const identity = program.command('identity').description('the key by which the other nodes know this one')
  identity
    .command('new')
    .description('make a new one, as on a machine that is a copy of another; settings and cluster stay')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir?: string }) => {
      const dataDir = dataDirOf(program, flags)
      const running = await readNodeFile(dataDir)
      if (running) throw alreadyRunning(dataDir, running)
      const log = createLog({ level: 'warn', format: 'pretty', write: (line) => void process.stderr.write(line) })
      const { nodeId, keptAt } = await renewIdentity(dataDir, { log, random: systemRandom })
      terminal.line(`This node is ${nodeId} from its next start.${keptAt === null ? '' : ` The identity before is kept in ${keptAt}.`}`)
    })
}
