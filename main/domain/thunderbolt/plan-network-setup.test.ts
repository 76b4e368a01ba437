import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { macLayouts } from '../mac/__fixtures__/mac-layouts.ts'
import { uuidOf } from '../mac/__fixtures__/record-macs.ts'
import { cableNetwork } from './cable-network.ts'
import { formatSetupPlan, setupScript, shellLine, undoScript } from './format-setup-plan.ts'
import { undoCommand } from './undo-change.ts'
import { type NetworkSetupPlan, planNetworkSetup } from './plan-network-setup.ts'
import { RecordedHardware } from '../mac/recorded-hardware.ts'

const planOf = (recorded: unknown): NetworkSetupPlan => planNetworkSetup(RecordedHardware.parse(recorded))
const linesOf = ({ steps }: NetworkSetupPlan): string[] => steps.map(({ command }) => shellLine(command))
const bridged = macLayouts['four Macs, full mesh, bridge on one'][3]

describe('planNetworkSetup', () => {
  it('turns the bridge off and gives each cable a network of its own', () => {
    const addressOf = (socket: number, peer: number, peerSocket: number): string =>
      cableNetwork(uuidOf(3, socket), uuidOf(peer, peerSocket)).address
    expect(linesOf(planOf(bridged))).toEqual([
      "networksetup -setnetworkserviceenabled 'Thunderbolt Bridge' off",
      ...['en2', 'en3', 'en4', 'en5', 'en6', 'en7'].map((member) => `ifconfig bridge0 deletem ${member}`),
      'ifconfig bridge0 down',
      "networksetup -createnetworkservice 'exo Thunderbolt 2' 'Thunderbolt 2'",
      `networksetup -setmanual 'exo Thunderbolt 2' ${addressOf(2, 0, 4)} 255.255.255.252`,
      "networksetup -createnetworkservice 'exo Thunderbolt 3' 'Thunderbolt 3'",
      `networksetup -setmanual 'exo Thunderbolt 3' ${addressOf(3, 1, 4)} 255.255.255.252`,
      "networksetup -createnetworkservice 'exo Thunderbolt 4' 'Thunderbolt 4'",
      `networksetup -setmanual 'exo Thunderbolt 4' ${addressOf(4, 2, 4)} 255.255.255.252`,
    ])
  })
  it('D11: has an undo for every change but what goes with its service', () => {
    const { steps } = planOf(bridged)
    expect(steps.filter(({ undo }) => undo === null).map(({ command }) => command[1])).toEqual(['-setmanual', '-setmanual', '-setmanual'])
    expect(steps.map(({ undo }) => undo && shellLine(undoCommand(undo))).filter((line) => line?.includes('Bridge'))).toEqual([
      "networksetup -setnetworkserviceenabled 'Thunderbolt Bridge' on",
    ])
  })
  it('leaves alone what is right, and says so', () => {
    const plan = planOf(macLayouts['four Macs, full mesh'][0])
    expect(plan).toEqual({ steps: [], notes: [] })
    expect(formatSetupPlan(plan)).toBe('Nothing to set up: the bridge is off, and each cable has its own network.')
  })
  it('gives an address to the one port that lacks it, and does not make its service twice', () => {
    const [mac] = macLayouts['two Macs']
    const bare = { ...mac, ifconfig: mac?.ifconfig?.replace(/\tinet 169\.254\.12\.1 [^\n]*\n/, '') }
    expect(linesOf(planOf(bare)).map((line) => line.split(' ')[1])).toEqual(['-createnetworkservice', '-setmanual'])
    const made = { ...bare, serviceOrder: `${mac?.serviceOrder}\n(4) exo Thunderbolt 2\n(Hardware Port: Thunderbolt 2, Device: en3)\n` }
    expect(linesOf(planOf(made)).map((line) => line.split(' ')[1])).toEqual(['-setmanual'])
  })
  it('explains what commands cannot do', () => {
    expect(planOf(macLayouts['four Macs, full mesh, RDMA off on one'][2]).notes).toEqual([
      expect.stringMatching(/Recovery.*power button.*rdma_ctl enable/),
    ])
    expect(planOf(macLayouts['four Macs, full mesh, one on macOS 26.1'][1]).notes).toEqual([
      'macOS 26.1 < 26.2: no RDMA over Thunderbolt. Update macOS.',
    ])
    expect(planOf(macLayouts['two Macs, the socket next to Ethernet'][0]).notes).toEqual([
      expect.stringMatching(/^Thunderbolt 1 is the port next to Ethernet/),
    ])
    expect(planOf(macLayouts['one Mac'][0]).notes).toEqual([expect.stringMatching(/^No Thunderbolt cable/)])
  })
  it('shows commands that can be copied', () =>
    expect(formatSetupPlan(planOf(bridged)).split('\n').slice(0, 2)).toEqual([
      '# Turn off the service "Thunderbolt Bridge", so that macOS does not bridge the ports again',
      "sudo networksetup -setnetworkserviceenabled 'Thunderbolt Bridge' off",
    ]))
})

describe('cableNetwork', () => {
  it('is one network of which each end has one address, found by either', () =>
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        fc.pre(a !== b)
        const [here, there] = [cableNetwork(a, b), cableNetwork(b, a)]
        const last = [here.address, there.address].map((address) => Number(address.split('.')[3]) % 4).sort()
        return (
          here.address === there.peerAddress &&
          there.address === here.peerAddress &&
          last.join() === '1,2' &&
          /^10\.(19[2-9]|2\d\d)\./.test(here.address)
        )
      }),
    ))
  it('seldom gives two cables the same', () => {
    const all = Array.from({ length: 1000 }, (_, index) => cableNetwork(`A-${index}`, `B-${index}`).address)
    expect(new Set(all).size).toBeGreaterThan(995)
  })
})

describe('scripts', () => {
  it('quote every word', () =>
    expect(shellLine(['networksetup', "Anna's $(rm -rf /) service", ''])).toBe("networksetup 'Anna'\\''s $(rm -rf /) service' ''"))
  it('undo what was done when a command fails', () =>
    expect(setupScript([['a', '1'], ['b']], [['undo-b'], ['undo-a']])).toBe(
      'set -e\nundo() {\n  undo-b >/dev/null 2>&1 || :\n  undo-a >/dev/null 2>&1 || :\n  :\n}\ntrap undo EXIT\na 1\nb\ntrap - EXIT\n',
    ))
  it('try every undo', () => expect(undoScript([['x'], ['y']])).toBe('x >/dev/null 2>&1 || :\ny >/dev/null 2>&1 || :\n'))
})
