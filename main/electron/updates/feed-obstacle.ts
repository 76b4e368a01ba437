import { z } from 'zod'

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** Why the app does not use a feed; null: it may. Over http, anyone on the network path could read or withhold the answer. */
export function feedObstacle(feed: unknown): string | null {
  const parsed = z.object({ url: z.url() }).safeParse(feed)
  if (!parsed.success) return 'The address of the update feed is invalid. Download the app again.'
  const { protocol, hostname } = new URL(parsed.data.url)
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))) return null
  return `The update feed is at ${protocol}//: the app checks for updates only over https.`
}
