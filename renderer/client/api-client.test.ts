import { describe, expect, it } from 'vitest'
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

describe('D3: a page beside a node of another version', () => {
  const answering = (answer: unknown) =>
    createApiClient({ apiUrl: 'http://node', token: () => null, fetch: () => Promise.resolve(Response.json(answer)) })

  it('leaves out what a newer node says, and goes without what an older one does not', async () => {
    expect(await answering(newer).get('/cluster', Membership)).toEqual(membership)
    expect(await answering(newer).post('/cluster/leave', {}, Membership)).toEqual(membership)
    expect((await answering(older).get('/cluster', Membership)).nearby[0]?.obstacle).toBeNull()
  })

  it('B24: does not excuse what is wrong, and says it in words', async () => {
    const refused = { code: 'unexpected-answer', message: expect.stringContaining('Reload the page') }
    await expect(answering({ ...newer, clusterName: 7 }).get('/cluster', Membership)).rejects.toMatchObject(refused)
  })

  it.each([200, 500])('B23: tells in its own words that an answer of status %i broke off', async (status) => {
    const broken = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) }), { status })
    const api = createApiClient({ apiUrl: 'http://node', token: () => null, fetch: () => Promise.resolve(broken()) })
    for (const call of [api.get('/cluster', Membership), api.text('/chats/export'), api.post('/cluster/leave', {}, Membership)]) {
      const error: Error = await call.then(
        () => new Error('answered'),
        (failure: Error) => failure,
      )
      expect(error.message).toMatch(/^The (connection to the node broke off|node answered with status 500)\./)
    }
  })

  it('B21: says where the token goes, not how a program sends it', async () => {
    const body = { error: { message: 'Send it as Authorization: Bearer.', type: 'x', param: null, code: 'invalid_api_key' } }
    const api = createApiClient({
      apiUrl: 'http://node',
      token: () => null,
      fetch: () => Promise.resolve(Response.json(body, { status: 401 })),
    })
    await expect(api.get('/cluster', Membership)).rejects.toMatchObject({
      message: 'exo asks for its API token. Enter it in Settings.',
      details: { status: 401 },
    })
  })
})
