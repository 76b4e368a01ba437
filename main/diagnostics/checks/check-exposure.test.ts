import { describe, expect, it } from 'vitest'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import { healthyCluster, healthyFacts } from '../__fixtures__/doctor-facts.ts'
import { checkExposure } from './check-exposure.ts'

const closed: Exposure = {
  apiHost: '127.0.0.1',
  apiPort: 8080,
  asksForToken: false,
  namedTokens: 0,
  allowedOrigins: [],
  openCluster: null,
  peerPort: 7000,
}
const states = (part: Partial<Exposure>): Record<string, string> =>
  Object.fromEntries(checkExposure(healthyFacts('one Mac', { exposure: { ...closed, ...part } })).map(({ id, state }) => [id, state]))

describe('checkExposure', () => {
  it('says nothing where no node runs', () => {
    expect(checkExposure(healthyFacts('one Mac'))).toEqual([])
  })

  it('C4: lists each way in: host and token, web pages, the cluster', () => {
    expect(states({})).toMatchObject({ 'exposed-api': 'ok', 'exposed-origins': 'ok', 'exposed-cluster': 'ok' })
    expect(states({ apiHost: '0.0.0.0' })).toMatchObject({ 'exposed-api': 'problem' })
    expect(states({ apiHost: '0.0.0.0', asksForToken: true })).toMatchObject({ 'exposed-api': 'ok' })
    expect(states({ allowedOrigins: ['https://chat.example'] })).toMatchObject({ 'exposed-origins': 'warning' })
    expect(states({ allowedOrigins: ['*'] })).toMatchObject({ 'exposed-origins': 'problem' })
    expect(states({ openCluster: 'default' })).toMatchObject({ 'exposed-cluster': 'warning' })
  })

  it('says that RDMA is trusted by its cable', () => {
    const found = checkExposure(healthyCluster('two Macs', { exposure: closed })).find(({ id }) => id === 'exposed-rdma')
    expect(found?.finding).toContain('trusted because it is a direct cable')
  })
})
