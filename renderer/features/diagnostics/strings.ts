import { plural } from '../../ui/plural.ts'

export const diagnosticsStrings = {
  body: 'Checks this machine and its cluster, and tells you how to fix problems.',
  good: (count: number) => plural(count, { one: '# check passed', other: '# checks passed' }),
  problems: (count: number) => plural(count, { one: '# problem', other: '# problems' }),
  checks: 'Checks',
  checking: 'Checking…',
  checkAgain: 'Check again',
  copyFix: 'Copy command',
  states: { ok: 'Passed', warning: 'Warning', problem: 'Problem', unknown: 'Unknown' },
  system: 'System',
  cores: 'cores',
  interfaces: 'Network',
  thunderbolt: 'Thunderbolt ports',
  clock: 'Clock',
  clockOff: (ms: number) => `${ms > 0 ? '+' : ''}${ms.toFixed(0)} ms from this machine’s`,
  missing: 'Could not be read',
  save: 'Export diagnostics',
}
