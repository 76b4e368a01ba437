import type { Command } from 'commander'
import { formatFingerprint } from '../../shared/format-fingerprint.ts'
import type { AdmissionCause } from '../../shared/wire/cluster-record.ts'
import { type ClosedClusterView, Membership } from '../../shared/wire/membership.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const CAUSES: Readonly<Record<AdmissionCause, string>> = {
  'just-started': 'just started, as this machine was',
  cable: 'at the other end of a cable',
  admitted: 'let in by a person',
  digits: 'six digits',
  told: 'known by another member',
  'comes-back': 'came back',
}

/** `exo members`, `exo admit`, `exo refuse` and `exo remove`: who is in the cluster of this machine's node. */
export function addMembersCommands(program: Command, terminal: Terminal): void {
  program
    .command('members')
    .description('the members of the cluster, and who wants to join it')
    .option('--json', 'for programs')
    .addOption(dataDirOption())
    .action(async (flags: { json?: true; dataDir?: string }) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const { clusterName, admission, closed } = Membership.parse(await client.get('/cluster'))
      if (flags.json)
        return terminal.line(
          JSON.stringify(
            {
              clusterName,
              admission,
              members: closed?.members ?? [],
              waiting: closed?.waiting ?? [],
              letInBy: closed?.letInBy ?? null,
              isWindowOpen: closed?.isWindowOpen ?? false,
            },
            null,
            2,
          ),
        )
      if (admission === 'open')
        return terminal.line(`Cluster ${clusterName} is open: every exo on this network gets in. Start without --open to close it.`)
      if (closed === null) return terminal.line(`Cluster ${clusterName} has a key: every machine that holds it is a member.`)
      terminal.line(describeMembers(clusterName, closed))
    })
  const act = (name: string, description: string, done: (machine: string) => string): void => {
    program
      .command(name)
      .description(description)
      .argument('<name>', 'a machine, as exo members lists it, or the beginning of its fingerprint')
      .addOption(dataDirOption())
      .action(async (machine: string, flags: { dataDir?: string }) => {
        const client = await clientOfRunningNode(dataDirOf(program, flags))
        await client.post(`/cluster/${name}`, { name: machine })
        terminal.line(done(machine))
      })
  }
  act('admit', 'let a machine that waits into the cluster', (machine) => `${machine} is let in.`)
  act('refuse', 'turn away a machine that waits, until this node starts again', (machine) => `${machine} is refused.`)
  act(
    'remove',
    'remove a member from the cluster; those that stay get a new secret',
    (machine) => `${machine} is out. exo admit ${machine} lets it in again.`,
  )
}

function describeMembers(clusterName: string, { members, waiting, letInBy, isWindowOpen }: ClosedClusterView): string {
  const rows = members.map(({ nodeId, name, isLinked, cause, admittedAtMs }) => [
    name,
    formatFingerprint(nodeId),
    isLinked ? 'here' : 'away',
    CAUSES[cause],
    new Date(admittedAtMs).toISOString().slice(0, 16).replace('T', ' '),
  ])
  const wanting = waiting.map(({ nodeId, name, address, waitsFor }) => [
    name,
    formatFingerprint(nodeId),
    address,
    waitsFor === 'this-side'
      ? `exo admit ${/^[\w.-]+$/.test(name) ? name : nodeId.slice(0, 12)}`
      : `there: exo admit, or exo join ${clusterName}`,
  ])
  return [
    members.length === 0 ? `Cluster ${clusterName} has no members but this machine.` : `Members of ${clusterName}, besides this machine:`,
    ...(members.length === 0 ? [] : [formatTable([['NAME', 'FINGERPRINT', 'NOW', 'GOT IN', 'SINCE (UTC)'], ...rows])]),
    ...(wanting.length === 0 ? [] : ['', 'Not let in:', formatTable([['NAME', 'FINGERPRINT', 'ADDRESS', 'TO DO'], ...wanting])]),
    ...(letInBy === null ? [] : ['', `${letInBy.name} let this machine in. If it is not yours: exo leave`]),
    ...(isWindowOpen ? ['', 'This machine was started minutes ago: others that were just started get in by themselves.'] : []),
  ].join('\n')
}
