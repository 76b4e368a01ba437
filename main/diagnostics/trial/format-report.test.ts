import { describe, expect, it } from 'vitest'
import type { Check } from '../check.ts'
import { formatReport } from './format-report.ts'

const check = (finding: string): Check => ({ id: 'disk', title: 'Disk', state: 'ok', finding, fix: null })
const identifiers = {
  names: ['Ada’s MacBook', 'ada', 'Ada', 'desk'],
  nodeIds: ['12D3KooWabc'],
  homeFolder: '/Users/ada',
}
const redacted = (finding: string): string =>
  JSON.parse(formatReport({ version: '1', platform: 'darwin', checks: [check(finding)], hardware: null }, identifiers)).checks[0].finding

describe('the report of a trial', () => {
  it.each([
    ['Ada’s MacBook is at 192.168.1.7', ['Ada', '192.168.1.7']],
    ['/Users/ada/.exo is writable by ada', ['ada']],
    ['node 12D3KooWabc at fe80::1c2d:3e4f and 02:42:ac:11:00:02 does not answer', ['12D3KooWabc', '1c2d', 'ac:11']],
    ['cluster "desk" has two leaders', ['"desk"']],
  ])('%s: names nothing of its owner', (finding, hidden) => {
    for (const identifier of hidden) expect(redacted(finding)).not.toContain(identifier)
  })

  it('leaves other words and figures as they are, and the same name the same', () => {
    expect(redacted('the desktop answers with 80.5 tokens/s, cadaver')).toBe('the desktop answers with 80.5 tokens/s, cadaver')
    const [first, second] = redacted('desk and desk').split(' and ')
    expect(first).toBe(second)
  })

  it('contains the hardware as it was recorded', () => {
    const text = formatReport({ version: '1', platform: 'darwin', checks: [], hardware: '{"chip":"M3"}' }, identifiers)
    expect(JSON.parse(text)).toEqual({ version: '1', platform: 'darwin', checks: [], hardware: { chip: 'M3' } })
  })
})
