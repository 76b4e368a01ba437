import { homedir, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { lastingPath } from '../../domain/installation/installation.ts'
import { type ServicePlan, servicePlan } from '../../domain/service/service-plan.ts'
import { readHubSettings } from '../../models/hub/hub-settings.ts'
import { cacheDir } from '../../platform/files/default-folders.ts'
import { AppError } from '../../shared/app-error.ts'
import { UsageError } from '../usage-error.ts'

export interface ServiceChoice {
  readonly dataDir: string
  /** Starts at boot, without anyone logging in. */
  readonly isSystem: boolean
  /** Flags of the node. */
  readonly nodeArguments?: readonly string[]
}

/**
 * The service of this installation and user.
 *
 * @throws AppError `service-unsupported`; UsageError without the rights for a system service
 */
export async function ownService({ dataDir, isSystem, nodeArguments = [] }: ServiceChoice): Promise<ServicePlan> {
  const { uid, username } = userInfo()
  if (isSystem && uid !== 0) throw new UsageError('A service with --system needs root: run the command again with sudo.')
  // With sudo, the service runs as the user who asked for it.
  const user = process.env['SUDO_USER'] ?? username
  const script = process.argv[1]
  const plan = servicePlan(process.platform, {
    program: [
      lastingPath(process.execPath),
      ...process.execArgv,
      ...(script === undefined ? [] : [lastingPath(resolve(script))]),
      ...nodeArguments,
    ],
    home: homedir(),
    user,
    userId: uid,
    dataDir,
    writableFolders: [(await readHubSettings(process.env)).cacheDir, cacheDir()],
    isSystem,
  })
  if (!plan)
    throw new AppError('service-unsupported', `exo installs services on macOS and on Linux with systemd, not on ${process.platform}.`)
  return plan
}
