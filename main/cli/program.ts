import { Command } from 'commander'
import type { SpawnProcess } from '../platform/processes/spawn-process.ts'
import { version } from '../shared/version.ts'
import { addBenchCommand } from './commands/bench.ts'
import { addCalibrateCommand } from './speed/calibrate-command.ts'
import { addClusterCommand } from './cluster/cluster-command.ts'
import { addLogsCommand } from './cluster/logs-command.ts'
import { addLoadCommands } from './cluster/load-command.ts'
import { addCompletionCommands } from './reference/completion-command.ts'
import { addConfigCommand } from './config/config-command.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addHistoryCommand } from './commands/history.ts'
import { listNearbyPeers } from './commands/list-peers.ts'
import { addMembersCommands } from './commands/members.ts'
import { addModelsCommand } from './commands/models.ts'
import { addIdentityCommand } from './commands/identity.ts'
import { addPlanCommand } from './speed/plan-command.ts'
import { addPsCommand } from './commands/ps.ts'
import { addJoinCommands } from './commands/join.ts'
import { addLinksCommand } from './commands/links.ts'
import { addRunCommand } from './commands/run-command.ts'
import { start } from './commands/start.ts'
import { addThunderboltCommand } from './commands/thunderbolt.ts'
import { addTokensCommand } from './commands/tokens.ts'
import { addTraceCommand } from './commands/trace.ts'
import { addLaunchCommand } from './launch/launch-command.ts'
import { processHost } from './process-host.ts'
import { addServiceCommand } from './service/service-command.ts'
import { addUpdateProgramCommand } from './update/update-command.ts'
import { addUninstallCommand } from './service/uninstall-command.ts'
import { applyConfig } from './config/effective-settings.ts'
import { listingText } from './listings/listings.ts'
import { addNodeOptions, dataDirOf, type NodeFlags, toNodeOptions } from './node-options.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { versionFacts } from './version-facts.ts'

/** The command line that ARCHITECTURE.md describes. Wrong usage throws a `CommanderError` or `UsageError`. */
export function createProgram(terminal: Terminal, spawn: SpawnProcess): Command {
  const program = new Command('exo')
    .description('Run large language models on all your machines as one.')
    .helpOption('-h, --help')
    .showHelpAfterError('See exo --help.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.write(text), writeErr: (text) => terminal.error(text.trimEnd()) })
    .enablePositionalOptions()
    .allowExcessArguments(true)
  addNodeOptions(program)
  program
    .option('-V, --version', 'print the version and exit')
    .option('--list-peers', 'list the nodes nearby and exit')
    .option('--json', 'with --version or --list-peers: print JSON')
  program.action(async () => {
    const { version: asksVersion, json } = program.opts<{ version?: true; json?: true }>()
    if (asksVersion) return terminal.line(json ? listingText('--version', versionFacts()) : version)
    const [unknown] = program.args
    if (unknown !== undefined) throw new UsageError(`"${unknown}" is not a command. For the list of commands: exo --help`)
    await applyConfig(program, dataDirOf(program, {}))
    const flags = program.opts<NodeFlags & { listPeers?: true; json?: true }>()
    if (flags.listPeers) await listNearbyPeers(toNodeOptions(flags), flags.json === true, terminal)
    else await start(toNodeOptions(flags), processHost(spawn), terminal)
  })
  addRunCommand(program, terminal, spawn)
  addLaunchCommand(program, terminal)
  addModelsCommand(program, terminal, spawn)
  addLoadCommands(program, terminal)
  addPsCommand(program, terminal)
  addLinksCommand(program, terminal)
  addHistoryCommand(program, terminal, spawn)
  addBenchCommand(program, terminal, spawn)
  addCalibrateCommand(program, terminal, spawn)
  addTraceCommand(program, terminal)
  addPlanCommand(program, terminal)
  addDoctorCommand(program, terminal)
  addIdentityCommand(program, terminal)
  addThunderboltCommand(program, terminal)
  addClusterCommand(program, terminal)
  addLogsCommand(program, terminal)
  addConfigCommand(program, terminal)
  addCompletionCommands(program, terminal)
  addServiceCommand(program, terminal)
  addUpdateProgramCommand(program, terminal)
  addUninstallCommand(program, terminal)
  addTokensCommand(program, terminal)
  addMembersCommands(program, terminal)
  addJoinCommands(program, terminal)
  return program
}
