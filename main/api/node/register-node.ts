import { DoctorAnswer } from '../../shared/wire/api/doctor.ts'
import { ChosenSettings, SettingsAnswer } from '../../shared/wire/api/node-settings.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['node']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** The routes of this machine alone: its settings, and what is wrong with it. */
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
        body: ChosenSettings.partial(),
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
}
