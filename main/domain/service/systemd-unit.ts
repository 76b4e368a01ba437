import { environmentFileOf, type ServiceFacts } from './service-facts.ts'

/** Waits before a restart: from this … */
const FIRST_RESTART_SECONDS = 2
/** … to this, in several steps. Systemd before version 254 ignores the steps and always waits for the first time. */
const LAST_RESTART_SECONDS = 60
const RESTART_STEPS = 6
/** The node answers its requests for 30 seconds when it is asked to stop. */
const STOP_SECONDS = 45

/** Settings that work for every unit, also without root. The engine compiles code, so memory must stay executable. */
const HARDENING = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictSUIDSGID=yes',
  'RestrictRealtime=no',
  'SystemCallArchitectures=native',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'UMask=0077',
]

/** Settings that need root: they make the rest of the system read-only. */
const SYSTEM_HARDENING = [
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'RestrictNamespaces=yes',
  'RemoveIPC=no',
]

/** A unit of systemd. Sources: systemd.service(5), systemd.exec(5). */
export function systemdUnit({ program, user, dataDir, writableFolders, isSystem }: ServiceFacts): string {
  const folders = [dataDir, ...writableFolders]
  return `${[
    '[Unit]',
    'Description=exo, large language models on all your machines',
    'Documentation=https://github.com/exo-distributed/exo-distributed',
    'Wants=network-online.target',
    'After=network-online.target',
    '# It is started again however often it fails.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${program.map(quoteForSystemd).join(' ')}`,
    `EnvironmentFile=-${specifierFree(environmentFileOf(dataDir))}`,
    `Environment=EXO_HOME=${quoteForSystemd(dataDir)}`,
    'Environment=EXO_RESTARTED=service',
    ...(isSystem ? [`User=${specifierFree(user)}`] : []),
    'Restart=always',
    `RestartSec=${FIRST_RESTART_SECONDS}`,
    `RestartSteps=${RESTART_STEPS}`,
    `RestartMaxDelaySec=${LAST_RESTART_SECONDS}`,
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_SECONDS}`,
    'LimitNOFILE=65536',
    'LimitMEMLOCK=infinity',
    ...HARDENING,
    ...(isSystem ? [...SYSTEM_HARDENING, ...folders.map((folder) => `ReadWritePaths=-${quoteForSystemd(folder)}`)] : []),
    '',
    '[Install]',
    `WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}`,
  ].join('\n')}\n`
}

const specifierFree = (text: string): string => text.replaceAll('%', '%%')

/** A word of a command line. `%` would start a specifier, `$` a variable. */
function quoteForSystemd(word: string): string {
  const escaped = specifierFree(word).replaceAll('$', '$$$$')
  return /^[\w./:@%$+=,-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, '\\$&')}"`
}
