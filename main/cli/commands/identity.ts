import type { Command } from 'commander'
import { renewNodeIdentity } from '../../node/files/renew-node-identity.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'

/** `exo identity`: for a machine that was cloned from another. */
export function addIdentityCommand(program: Command, terminal: Terminal): void {
  const identity = program.command('identity').description('the key by which the other nodes know this one')
  identity
    .command('new')
    .description('make a new one, for a machine that is a copy of another; settings and cluster stay')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir?: string }) => {
      const { nodeId, keptAt } = await renewNodeIdentity(dataDirOf(program, flags))
      terminal.line(`This node is ${nodeId} from its next start.${keptAt === null ? '' : ` The identity before is kept in ${keptAt}.`}`)
    })
}
