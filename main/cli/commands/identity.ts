import type { Command } from 'commander'
import { renewNodeIdentity } from '../../node/files/renew-node-identity.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'

/** `exo identity`: for a machine that was cloned from another. */
export function addIdentityCommand(program: Command, terminal: Terminal): void {
  const identity = program.command('identity').description('manage the key that identifies this node to its peers')
  identity
    .command('new')
    .description('create a new identity, for a machine that was copied from another; settings and cluster stay')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir?: string }) => {
      const { nodeId, keptAt } = await renewNodeIdentity(dataDirOf(program, flags))
      terminal.line(
        `This node will be ${nodeId} after its next start.${keptAt === null ? '' : ` The previous identity is kept in ${keptAt}.`}`,
      )
    })
}
