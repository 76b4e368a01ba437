import { z } from 'zod'
import { LoggedActivity } from '../../shared/activity/activity.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

/** The route that tells what came and went. */
export function registerActivity(server: ApiServer, { activity }: ApiContext): void {
  server.get(
    '/activity',
    {
      schema: {
        summary: 'The latest machines, models and downloads that came, went or failed, newest first, since this node started',
        tags: ['cluster'],
        response: { 200: z.strictObject({ activity: z.array(LoggedActivity) }) },
      },
    },
    async () => ({ activity: activity.list() }),
  )
}
