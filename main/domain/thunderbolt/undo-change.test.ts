import { describe, expect, it } from 'vitest'
import { UndoChange, undoChangeOf, undoCommand } from './undo-change.ts'

const good: UndoChange[] = [
  { change: 'service-off', service: 'Thunderbolt Bridge' },
  { change: 'service-off', service: "Bob's Brücke (2)" },
  { change: 'member-out', bridge: 'bridge0', member: 'en4' },
  { change: 'bridge-down', bridge: 'bridge12' },
  { change: 'service-made', service: 'exo Thunderbolt 3' },
]

describe('undoChangeOf', () => {
  it.each(good)('finds %j in its own command', (change) => {
    expect(UndoChange.parse(change)).toEqual(change)
    expect(undoChangeOf(undoCommand(change))).toEqual(change)
  })
  it.each([
    [['sh', '-c', 'touch /tmp/owned']],
    [['/bin/sh', 'bridge0', 'up']],
    [['ifconfig', 'bridge0', 'up', ';', 'id']],
    [['ifconfig', 'en0', 'up']],
    [['ifconfig', 'bridge0', 'addm', 'en4; id']],
    [['ifconfig', 'bridge0', 'deletem', 'en4']],
    [['networksetup', '-removenetworkservice', 'Wi-Fi']],
    [['networksetup', '-setnetworkserviceenabled', 'Wi-Fi', 'off']],
    [['networksetup', '-setwebproxy', 'Wi-Fi', 'evil.example', '80']],
    [['networksetup', '-setnetworkserviceenabled', '-setdnsservers', 'on']],
    [['networksetup', '-setnetworkserviceenabled', 'two\nlines', 'on']],
    [['networksetup\0-setnetworkserviceenabled', 'Wi-Fi', 'on']],
    [[]],
  ])('E: refuses %j', (command) => {
    expect(() => undoChangeOf(command)).toThrow(/a command that exo does not use|"code":/)
  })
})

it.each([
  { change: 'service-made', service: 'Wi-Fi' },
  { change: 'service-made', service: 'exo Thunderbolt 3; id' },
  { change: 'member-out', bridge: 'bridge0', member: '../en4' },
  { change: 'member-out', bridge: 'bridge0', member: 'en4\n' },
  { change: 'bridge-down', bridge: '-a' },
  { change: 'service-off', service: '-listallnetworkservices' },
  { change: 'service-off', service: '' },
  { change: 'service-off', service: 'a', command: ['id'] },
  { change: 'run', command: ['id'] },
])('E: refuses the value %j', (value) => {
  expect(UndoChange.safeParse(value).success).toBe(false)
})
