import type { z } from 'zod'
import { parseSaid } from '../../main/shared/wire/peer/parse-tolerantly.ts'
import { MembershipCall } from '../../main/shared/wire/shell/shell.ts'
import type { MembershipApi } from '../services/services.ts'
import type { ShellClient } from '../client/shell-client.ts'

/** The part of the node's API that the popover needs, called through the shell. */
export function shellApi(shell: ShellClient): MembershipApi {
  const call = async <T>(method: 'POST' | 'DELETE', path: string, body: unknown, schema: z.ZodType<T>): Promise<T> =>
    parseSaid(schema, await shell.call('change-membership', MembershipCall.parse({ method, path, body })))
  return {
    post: (path, body, schema) => call('POST', path, body, schema),
    delete: (path, schema) => call('DELETE', path, null, schema),
  }
}
