import type { Command } from 'commander'
import { formatFingerprint } from '../../shared/format-fingerprint.ts'
import type { AdmissionCause } from '../../shared/wire/peer/cluster-record.ts'
import { type ClosedClusterView, Membership } from '../../shared/wire/api/membership.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { listingText } from '../listings/listings.ts'
import { showListing } from '../listings/show-listing.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

const CAUSES: Readonly<Record<AdmissionCause, string>> = {
  'just-started': 'both had just started',
  cable: 'connected by cable',
  admitted: 'admitted by a person',
  digits: 'six digits',
  told: 'admitted by another member',
  'comes-back': 'came back',
}

/** `exo members`, `exo admit`, `exo refuse` and `exo remove`: the members of the cluster of this machine's node. */
export function addMembersCommands(program: Command, terminal: Terminal): void {
  program
    .command('members')
    .description('list the members of the cluster and the machines that want to join')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .option('--watch', 'list them again every second, until Ctrl-C')
    .action(async (flags: { json?: true; watch?: true; dataDir?: string }) => {
      const client = await clientOfRunningNode(dataDirOf(program, flags))
      const read = async (): Promise<Membership> => parseSaid(Membership, await client.get('/cluster'))
      await showListing(terminal, flags, read, formatMembership, ({ clusterName, admission, closed }, indent) =>
        listingText(
          'members',
          {
            clusterName,
            admission,
            members: closed?.members ?? [],
            waiting: closed?.waiting ?? [],
            letInBy: closed?.letInBy ?? null,
            isWindowOpen: closed?.isWindowOpen ?? false,
          },
          indent,
        ),
      )
    })
  const act = (name: string, description: string, done: (machine: string) => string): void => {
    program
      .command(name)
      .description(description)
      .argument('<name>', 'a machine as listed by exo members, or the start of its fingerprint')
      .addOption(dataDirOption())
      .action(async (machine: string, flags: { dataDir?: string }) => {
        const client = await clientOfRunningNode(dataDirOf(program, flags))
        await client.post(`/cluster/${name}`, { name: machine })
        terminal.line(done(machine))
      })
  }
  act('admit', 'admit a waiting machine to the cluster', (machine) => `${machine} is admitted.`)
  act('refuse', 'refuse a waiting machine until this node restarts', (machine) => `${machine} is refused.`)
  act(
    'remove',
    'remove a member from the cluster; the remaining members get a new secret',
    (machine) => `${machine} is removed. To let it back in: exo admit ${machine}`,
  )
}

function formatMembership({ clusterName, admission, closed }: Membership): string {
  if (admission === 'open')
    return `Cluster ${clusterName} is open: any exo on this network can join. To close it, start exo without --open.`
  if (closed === null) return `Cluster ${clusterName} has a key: every machine that holds it is a member.`
  return describeMembers(clusterName, closed)
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
    members.length === 0
      ? `Cluster ${clusterName} has no members other than this machine.`
      : `Members of ${clusterName} other than this machine:`,
    ...(members.length === 0 ? [] : [formatTable([['NAME', 'FINGERPRINT', 'NOW', 'ADMITTED BY', 'SINCE (UTC)'], ...rows])]),
    ...(wanting.length === 0 ? [] : ['', 'Waiting to join:', formatTable([['NAME', 'FINGERPRINT', 'ADDRESS', 'TO DO'], ...wanting])]),
    ...(letInBy === null ? [] : ['', `${letInBy.name} admitted this machine. If it is not yours, run exo leave.`]),
    ...(isWindowOpen ? ['', 'This machine started minutes ago, so machines that have also just started are admitted automatically.'] : []),
  ].join('\n')
}
