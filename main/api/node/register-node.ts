import { DoctorAnswer } from '../../shared/wire/api/doctor.ts'
import { SettingsAnswer, SettingsChange } from '../../shared/wire/api/node-settings.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { OwnNodeChallenge, OwnNodeProof } from '../../shared/wire/api/own-node-proof.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['node']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** The routes that concern only this machine: its settings and its problems. */
export function registerNode(server: ApiServer, { node }: ApiContext): void {
  server.get(
    '/settings',
    { schema: { summary: 'The settings of this machine, chosen and in use', tags, response: { 200: SettingsAnswer, ...failures } } },
    async () => node.settings(),
  )

  server.post(
    '/settings',
    {
      schema: {
        summary: 'Change settings; they take effect at the next start',
        tags,
        body: SettingsChange,
        response: { 200: SettingsAnswer, ...failures },
      },
    },
    async (request) => node.changeSettings(request.body),
  )

  server.get(
    '/doctor',
    { schema: { summary: 'Check this machine and its cluster, like exo doctor', tags, response: { 200: DoctorAnswer, ...failures } } },
    async () => node.doctor(),
  )

  server.get(
    '/node/proof',
    {
      schema: {
        summary: 'Prove to programs that may read the data folder that this is its node',
        tags,
        querystring: OwnNodeChallenge,
        response: { 200: OwnNodeProof, ...failures },
      },
    },
    async (request) => ({ proof: node.prove(request.query.challenge, request.socket.localPort ?? 0) }),
  )
}
