import { z } from 'zod'
import { JoinClusterRequest, Membership, NamedMachineRequest, StartPairingRequest } from '../../shared/wire/api/membership.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['cluster']
const answers = { 200: Membership, '4xx': ErrorBody, '5xx': ErrorBody }

/** The routes that list the clusters nearby and let this node join one. */
export function registerMembership(server: ApiServer, { membership }: ApiContext): void {
  server.get('/cluster', { schema: { summary: 'The cluster of this node, and the clusters nearby', tags, response: answers } }, async () =>
    membership.view(),
  )

  server.post(
    '/cluster/join',
    {
      schema: {
        summary: 'Join a cluster nearby, or create it; remembered across restarts. Local models are unloaded',
        tags,
        body: JoinClusterRequest,
        response: answers,
      },
    },
    async (request) => {
      await membership.join(request.body)
      return membership.view()
    },
  )

  server.post(
    '/cluster/leave',
    { schema: { summary: 'Leave the cluster and return to one of this node alone', tags, body: z.unknown(), response: answers } },
    async () => {
      await membership.leave()
      return membership.view()
    },
  )

  const acts = [
    { path: '/cluster/admit', summary: 'Admit a waiting machine to the cluster', act: (name: string) => membership.admit(name) },
    {
      path: '/cluster/refuse',
      summary: 'Refuse a waiting machine until this node restarts',
      act: (name: string) => membership.refuse(name),
    },
    {
      path: '/cluster/remove',
      summary: 'Remove a member from the cluster; the remaining members get a new secret',
      act: (name: string) => membership.remove(name),
    },
  ]
  for (const { path, summary, act } of acts) {
    server.post(path, { schema: { summary, tags, body: NamedMachineRequest, response: answers } }, async (request) => {
      await act(request.body.name)
      return membership.view()
    })
  }

  server.post(
    '/cluster/pairing',
    {
      schema: {
        summary: 'Request the key of a private cluster; the answer has six digits to compare with the other screen',
        tags,
        body: StartPairingRequest,
        response: answers,
      },
    },
    async (request) => {
      await membership.startPairing(request.body.clusterName)
      return membership.view()
    },
  )

  server.post(
    '/cluster/pairing/confirm',
    { schema: { summary: 'Confirm that the six digits match', tags, body: z.unknown(), response: answers } },
    async () => {
      membership.confirmPairing()
      return membership.view()
    },
  )

  server.delete(
    '/cluster/pairing',
    { schema: { summary: 'Cancel the pairing, or clear one that has ended', tags, response: answers } },
    async () => {
      membership.cancelPairing()
      return membership.view()
    },
  )
}
