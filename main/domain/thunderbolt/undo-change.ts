import { z } from 'zod'
import type { SetupCommand } from './setup-command.ts'

const Bridge = z.string().regex(/^bridge\d{1,3}$/)
const Member = z.string().regex(/^en\d{1,3}$/)
/** The name of an existing service, as chosen by people. A word that starts with a dash would be an option. */
const ServiceName = z.string().regex(/^[^\p{C}-][^\p{C}]{0,127}$/u)

/** A change made by `planNetworkSetup`, with the data needed to undo it. Any program of the user can write to its file. */
export const UndoChange = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('service-off'), service: ServiceName }),
  z.strictObject({ change: z.literal('member-out'), bridge: Bridge, member: Member }),
  z.strictObject({ change: z.literal('bridge-down'), bridge: Bridge }),
  z.strictObject({ change: z.literal('service-made'), service: z.string().regex(/^exo Thunderbolt \d{1,2}$/) }),
])
export type UndoChange = z.infer<typeof UndoChange>

/** The command that restores the state before a change, which may already be restored. */
export function undoCommand(undo: UndoChange): SetupCommand {
  switch (undo.change) {
    case 'service-off':
      return ['networksetup', '-setnetworkserviceenabled', undo.service, 'on']
    case 'member-out':
      return ['ifconfig', undo.bridge, 'addm', undo.member]
    case 'bridge-down':
      return ['ifconfig', undo.bridge, 'up']
    case 'service-made':
      return ['networksetup', '-removenetworkservice', undo.service]
  }
}

/** The change that is undone by a command line from an older version's file. @throws if there is none */
export function undoChangeOf(command: readonly string[]): UndoChange {
  const [first, second, third, fourth] = command
  const change = UndoChange.parse(
    first === 'networksetup' && second === '-removenetworkservice'
      ? { change: 'service-made', service: third }
      : first === 'networksetup'
        ? { change: 'service-off', service: third }
        : third === 'addm'
          ? { change: 'member-out', bridge: second, member: fourth }
          : { change: 'bridge-down', bridge: second },
  )
  const isSame = command.join('\0') === undoCommand(change).join('\0')
  if (!isSame) throw new Error('a command that exo does not use')
  return change
}
