import { environmentFileOf, LAUNCHD_LABEL, type ServiceFacts, serviceLogOf } from './service-facts.ts'

/** launchd waits at least this long between two starts. */
const THROTTLE_SECONDS = 10
const STOP_SECONDS = 45

/** A property list of launchd: an agent of a user, or a daemon that runs without anyone logging in. Source: launchd.plist(5). */
export function launchdPlist(facts: ServiceFacts): string {
  const { user, home, dataDir, isSystem } = facts
  const values: [key: string, value: string][] = [
    ['Label', text(LAUNCHD_LABEL)],
    [
      'ProgramArguments',
      `<array>\n${launchCommand(facts)
        .map((word) => `    ${text(word)}\n`)
        .join('')}  </array>`,
    ],
    ['RunAtLoad', '<true/>'],
    ['KeepAlive', '<true/>'],
    ['ThrottleInterval', `<integer>${THROTTLE_SECONDS}</integer>`],
    ['ExitTimeOut', `<integer>${STOP_SECONDS}</integer>`],
    ['ProcessType', text('Interactive')],
    ['Umask', '<integer>63</integer>'],
    ['WorkingDirectory', text(home)],
    ['StandardOutPath', text('/dev/null')],
    ['StandardErrorPath', text(`${dataDir}/logs/service.err`)],
    ...(isSystem ? [['UserName', text(user)] satisfies [string, string]] : []),
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    ...values.map(([key, value]) => `  <key>${key}</key>\n  ${value}`),
    '</dict>',
    '</plist>',
    '',
  ].join('\n')
}

/** launchd reads no environment file, so a shell does; its variables reach only the node. */
function launchCommand({ program, dataDir }: ServiceFacts): string[] {
  const script = 'set -a; [ -r "$1" ] && . "$1"; export EXO_HOME="$2" EXO_RESTARTED=service; shift 2; exec "$@"'
  return ['/bin/sh', '-c', script, 'exo', environmentFileOf(dataDir), dataDir, ...program, '--log-file', serviceLogOf(dataDir)]
}

function text(value: string): string {
  return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`
}
