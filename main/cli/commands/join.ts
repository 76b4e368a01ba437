import type { Command } from 'commander'
import { Membership } from '../../shared/wire/api/membership.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { clusterKeyOf, dataDirOf, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

/** `exo join` and `exo leave`: the cluster that this machine's node is in. */
export function addJoinCommands(program: Command, terminal: Terminal): void {
  program
    .command('join')
    .description('join another cluster, or ask the members of one to admit this machine; remembered across restarts')
    .argument('<cluster>', 'the name of the cluster, as exo --list-peers shows it')
    .option('--key-file <file>', 'a file with the key of the cluster, if it has one')
    .addOption(dataDirOption())
    .action(async (clusterName: string, flags: { keyFile?: string; dataDir?: string }) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const key = clusterKeyOf(flags.keyFile === undefined ? {} : { clusterKeyFile: flags.keyFile })
      const membership = parseSaid(Membership, await client.post('/cluster/join', { clusterName, ...(key === null ? {} : { key }) }))
      terminal.line(
        membership.admission === 'members'
          ? `Asked to join ${clusterName}. To admit this machine, run exo admit on a member.`
          : `This machine joined ${clusterName}.`,
      )
    })
  program
    .command('leave')
    .description('return to a cluster of this machine alone; also undoes an admission by another machine')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir?: string }) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const { ownClusterName } = parseSaid(Membership, await client.post('/cluster/leave', {}))
      terminal.line(`This machine is on its own again, in ${ownClusterName}.`)
    })
}
