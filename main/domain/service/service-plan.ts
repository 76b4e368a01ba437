import { launchdPlist } from './launchd-plist.ts'
import { LAUNCHD_LABEL, type ServiceFacts, serviceLogOf, SYSTEMD_NAME } from './service-facts.ts'
import { systemdUnit } from './systemd-unit.ts'

/** A command and its arguments. */
export type CommandWords = readonly [program: string, ...programArguments: string[]]

/** What installing and controlling a service takes on one kind of system. */
export interface ServicePlan {
  /** The file that describes the service. */
  readonly path: string
  readonly content: string
  /** After the file is written: starts the service now and at each boot or login. */
  readonly install: readonly CommandWords[]
  /** Before the file is removed. They may fail if the service does not run. */
  readonly remove: readonly CommandWords[]
  /** After the file is removed. */
  readonly afterRemove: readonly CommandWords[]
  readonly start: readonly CommandWords[]
  readonly stop: readonly CommandWords[]
  readonly status: CommandWords
  logs(follows: boolean, lines: number): CommandWords
}

/** @returns null: services of this system are not supported */
export function servicePlan(platform: string, facts: ServiceFacts): ServicePlan | null {
  if (platform === 'linux') return systemdPlan(facts)
  return platform === 'darwin' ? launchdPlan(facts) : null
}

function systemdPlan(facts: ServiceFacts): ServicePlan {
  const { home, user, isSystem } = facts
  const scope = isSystem ? [] : ['--user']
  const control = (...words: string[]): CommandWords => ['systemctl', ...scope, ...words]
  return {
    path: isSystem ? `/etc/systemd/system/${SYSTEMD_NAME}.service` : `${home}/.config/systemd/user/${SYSTEMD_NAME}.service`,
    content: systemdUnit(facts),
    install: [
      control('daemon-reload'),
      control('enable', '--now', SYSTEMD_NAME),
      // Without this, services of a user end when the user logs out.
      ...(isSystem ? [] : [['loginctl', 'enable-linger', user] satisfies CommandWords]),
    ],
    remove: [control('disable', '--now', SYSTEMD_NAME)],
    afterRemove: [control('daemon-reload')],
    start: [control('start', SYSTEMD_NAME)],
    stop: [control('stop', SYSTEMD_NAME)],
    status: control('status', '--no-pager', '--lines=5', SYSTEMD_NAME),
    logs: (follows, lines) => [
      'journalctl',
      ...scope,
      '--unit',
      SYSTEMD_NAME,
      '--lines',
      String(lines),
      ...(follows ? ['--follow'] : ['--no-pager']),
    ],
  }
}

function launchdPlan(facts: ServiceFacts): ServicePlan {
  const { home, userId, isSystem, dataDir } = facts
  const domain = isSystem ? 'system' : `gui/${userId}`
  const path = `${isSystem ? '' : home}/Library/${isSystem ? 'LaunchDaemons' : 'LaunchAgents'}/${LAUNCHD_LABEL}.plist`
  const target = `${domain}/${LAUNCHD_LABEL}`
  return {
    path,
    content: launchdPlist(facts),
    install: [
      ['launchctl', 'enable', target],
      ['launchctl', 'bootstrap', domain, path],
    ],
    remove: [['launchctl', 'bootout', target]],
    afterRemove: [],
    start: [
      ['launchctl', 'bootstrap', domain, path],
      ['launchctl', 'kickstart', target],
    ],
    stop: [['launchctl', 'bootout', target]],
    status: ['launchctl', 'print', target],
    logs: (follows, lines) => ['tail', '-n', String(lines), ...(follows ? ['-F'] : []), serviceLogOf(dataDir)],
  }
}
