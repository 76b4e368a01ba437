import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'
import { Membership } from '../../main/shared/wire/api/membership.ts'
import { createApiClient } from './api-client.ts'

const machine = { nodeId: 'n', name: 'studio', totalBytes: null }
const cluster = { clusterName: 'desk', needsKey: true, machines: [machine], totalBytes: null, obstacle: 'open and closed' }
const membership = Membership.parse({
  clusterName: 'a',
  hasKey: false,
  admission: 'members',
  closed: null,
  ownClusterName: 'a',
  isSwitching: false,
  nearby: [cluster],
  pairing: null,
})
const newer = { ...membership, nearby: [{ ...cluster, machines: [{ ...machine, chip: 'M9' }], mood: 'good' }], colour: 'green' }
const older = { ...membership, nearby: [{ clusterName: 'desk', needsKey: true, machines: [machine], totalBytes: null }] }

describe('a page beside a node of another version', () => {
  const answering = (answer: unknown) =>
    createApiClient({ apiUrl: 'http://node', token: () => null, fetch: () => Promise.resolve(Response.json(answer)) })

  it('leaves out what a newer node says, and goes without what an older one does not', async () => {
    expect(await answering(newer).get('/cluster', Membership)).toEqual(membership)
    expect(await answering(newer).post('/cluster/leave', {}, Membership)).toEqual(membership)
    expect((await answering(older).get('/cluster', Membership)).nearby[0]?.obstacle).toBeNull()
  })

  it('does not excuse what is wrong', async () => {
    await expect(answering({ ...newer, clusterName: 7 }).get('/cluster', Membership)).rejects.toThrow(ZodError)
  })
})
