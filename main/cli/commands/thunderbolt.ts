import type { Command } from 'commander'
import { createHardwareReader } from '../../discovery/hardware/create-hardware-reader.ts'
import { networkSetupOf } from '../../discovery/thunderbolt/network-setup-of.ts'
import type { NetworkSetup } from '../../discovery/thunderbolt/network-setup.ts'
import { formatSetupPlan } from '../../domain/thunderbolt/format-setup-plan.ts'
import { interruption } from '../interruption.ts'
import { dataDirOf, dataDirOption, type NodeFlags } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'

interface ThunderboltFlags {
  hardware?: string
  dataDir?: string
  json?: true
}

/**
 * `exo thunderbolt plan
 * apply
 * undo`: the network settings that RDMA needs, and how to restore the previous ones.
 */
export function addThunderboltCommand(program: Command, terminal: Terminal): void {
  const thunderbolt = program.command('thunderbolt').description('manage the network settings that RDMA over Thunderbolt needs')
  const setupOf = (flags: ThunderboltFlags): NetworkSetup =>
    networkSetupOf(
      createHardwareReader(flags.hardware ?? program.opts<NodeFlags>().hardware ?? null),
      dataDirOf(program, flags),
      process.env,
    )
  const signal = (): AbortSignal => {
    const stop = new AbortController()
    void interruption().then(() => stop.abort(new Error('Interrupted.')))
    return stop.signal
  }
  thunderbolt
    .command('plan')
    .description('print the commands that this Mac needs; changes nothing')
    .option('--hardware <file>', 'a recording of another Mac')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: ThunderboltFlags) => {
      const plan = await setupOf(flags).plan(signal())
      terminal.line(flags.json ? JSON.stringify(plan, null, 2) : formatSetupPlan(plan))
    })
  thunderbolt
    .command('apply')
    .description('run the plan, with one administrator prompt, and save the previous settings')
    .addOption(dataDirOption())
    .action(async (flags: ThunderboltFlags) => {
      const plan = await setupOf(flags).apply(signal())
      terminal.line(plan.steps.length === 0 ? formatSetupPlan(plan) : `${plan.steps.length} steps done. To undo them: exo thunderbolt undo`)
    })
  thunderbolt
    .command('undo')
    .description('restore the settings from before the first apply')
    .addOption(dataDirOption())
    .action(async (flags: ThunderboltFlags) => {
      await setupOf(flags).undo(signal())
      terminal.line('The previous network settings are restored.')
    })
}
