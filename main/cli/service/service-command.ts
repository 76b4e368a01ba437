import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { environmentFileOf, serviceLogOf } from '../../domain/service/service-facts.ts'
import { AppError } from '../../shared/app-error.ts'
import { ExitStatus } from '../exit-status.ts'
import { dataDirOf, type DataDirFlags, dataDirOption, integer } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { ownService } from './own-service.ts'
import { runWords, showWords, tryWords } from './run-words.ts'

interface ServiceFlags extends DataDirFlags {
  system?: true
}

const ENVIRONMENT_HEAD =
  '# Environment variables of the service, one per line. For their names: exo config list --origin\n# EXO_MAX_MEMORY=48GB\n'

/** `exo service`: a node that the system starts, and starts again. */
export function addServiceCommand(program: Command, terminal: Terminal): void {
  const service = program
    .command('service')
    .description('run the node as a service of this system, which starts it again after a crash or a reboot')
  const choiceOf = (flags: ServiceFlags) => ({ dataDir: dataDirOf(program, flags), isSystem: flags.system === true })
  const command = (name: string, description: string): Command =>
    service
      .command(name)
      .description(description)
      .option('--system', 'the service of the whole machine, which starts without anyone logging in; needs root')
      .addOption(dataDirOption())

  command('install', 'install the service and start it')
    .argument('[flags...]', "the node's flags, after --")
    .action(async (nodeArguments: string[], flags: ServiceFlags) => {
      const choice = choiceOf(flags)
      const plan = await ownService({ ...choice, nodeArguments })
      const environment = environmentFileOf(choice.dataDir)
      await mkdir(join(choice.dataDir, 'logs'), { recursive: true, mode: 0o700 })
      if (!existsSync(environment)) await writeFile(environment, ENVIRONMENT_HEAD, { mode: 0o600 })
      if (existsSync(plan.path)) tryWords(plan.remove)
      await mkdir(dirname(plan.path), { recursive: true })
      await writeFile(plan.path, plan.content, { mode: 0o644 })
      runWords(plan.install)
      terminal.line(
        [
          `Installed ${plan.path}. The node starts now and after each reboot.`,
          `Environment  ${environment}`,
          'Settings     exo config list',
          'Log          exo service logs --follow',
        ].join('\n'),
      )
    })

  command('uninstall', 'stop the service and remove it; models and settings stay').action(async (flags: ServiceFlags) => {
    terminal.line((await removeService(choiceOf(flags))) ? 'The service is removed. Models and settings stay.' : 'No service is installed.')
  })

  command('start', 'start the service').action(async (flags: ServiceFlags) => {
    const plan = await ownService(choiceOf(flags))
    requireInstalled(plan.path)
    // launchd refuses to load what it has already loaded; only the last command decides.
    tryWords(plan.start.slice(0, -1))
    runWords(plan.start.slice(-1))
  })

  command('stop', 'stop the service until its next start or the next reboot').action(async (flags: ServiceFlags) => {
    const plan = await ownService(choiceOf(flags))
    requireInstalled(plan.path)
    runWords(plan.stop)
  })

  command('status', 'say whether the service runs; status 0 if it does').action(async (flags: ServiceFlags) => {
    const plan = await ownService(choiceOf(flags))
    requireInstalled(plan.path)
    const status = showWords(plan.status)
    if (status !== 0) throw new ExitStatus(status)
  })

  command('logs', "show the end of the service's log")
    .option('-f, --follow', 'show new lines as they come, until Ctrl-C')
    .option('-n, --lines <count>', 'number of lines', integer('--lines', 1, 1_000_000), 100)
    .action(async (flags: ServiceFlags & { follow?: true; lines: number }) => {
      const choice = choiceOf(flags)
      const plan = await ownService(choice)
      requireInstalled(plan.path)
      const words = plan.logs(flags.follow === true, flags.lines)
      if (words[0] === 'tail' && !existsSync(serviceLogOf(choice.dataDir)))
        throw new AppError('service-failed', `The service has written no log yet: ${serviceLogOf(choice.dataDir)} does not exist.`)
      const status = showWords(words)
      if (status !== 0) throw new ExitStatus(status)
    })
}

function requireInstalled(path: string): void {
  if (!existsSync(path)) throw new AppError('service-missing', 'No service is installed. Install it with: exo service install')
}

/** @returns false: there was none */
export async function removeService(choice: { readonly dataDir: string; readonly isSystem: boolean }): Promise<boolean> {
  const plan = await ownService(choice)
  if (!existsSync(plan.path)) return false
  tryWords(plan.remove)
  await rm(plan.path, { force: true })
  tryWords(plan.afterRemove)
  return true
}
