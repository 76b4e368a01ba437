import { describe, expect, it } from 'vitest'
import type { LinkMedium } from '../../shared/topology.ts'
import { cable, tcpLink } from '../cluster/__fixtures__/builders.ts'
import { bestLink } from './best-link.ts'

/** The chosen one of several paths with these media and round trips. */
function chosen(...paths: [medium: LinkMedium, roundTripMs: number | null][]): LinkMedium | undefined {
  return bestLink(paths.map(([medium, roundTripMs]) => tcpLink('a', 'b', { address: medium, medium, roundTripMs })))?.medium
}

describe('bestLink', () => {
  it('takes Thunderbolt before Ethernet before Wi-Fi before the unknown when nothing is measured', () => {
    expect(chosen(['wifi', null], ['ethernet', null], ['thunderbolt', null], ['unknown', null])).toBe('thunderbolt')
    expect(chosen(['wifi', null], ['unknown', null], ['ethernet', null])).toBe('ethernet')
    expect(chosen(['unknown', null], ['wifi', null])).toBe('wifi')
  })

  it('takes the same order for round trips that are as good as equal', () => {
    expect(chosen(['wifi', 0.5], ['thunderbolt', 0.58])).toBe('thunderbolt')
    expect(chosen(['wifi', 10], ['ethernet', 12])).toBe('ethernet')
  })

  it('prefers the shorter round trip, over any medium', () => {
    expect(chosen(['thunderbolt', 9], ['wifi', 3])).toBe('wifi')
    expect(chosen(['ethernet', 2], ['thunderbolt', 0.3])).toBe('thunderbolt')
  })

  it('takes the higher throughput of round trips that are as good as equal, where both are measured', () => {
    const path = (medium: LinkMedium, throughputBytesPerSecond?: number) =>
      tcpLink('a', 'b', {
        address: medium,
        medium,
        roundTripMs: 0.5,
        ...(throughputBytesPerSecond === undefined ? {} : { throughputBytesPerSecond }),
      })
    expect(bestLink([path('ethernet', 100e6), path('wifi', 300e6)])?.medium).toBe('wifi')
    expect(bestLink([path('ethernet', 100e6), path('wifi', 110e6)])?.medium).toBe('ethernet')
    expect(bestLink([path('ethernet'), path('wifi', 300e6)])?.medium).toBe('ethernet')
  })

  it('tries a better medium before it is measured', () => expect(chosen(['thunderbolt', null], ['wifi', 3])).toBe('thunderbolt'))

  it('knows no address where there is none', () => {
    expect(bestLink([])).toBe(null)
    expect(bestLink(cable('a', 'en2', 'b', 'en2'))).toBe(null)
  })
})
