import { z } from 'zod'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'

const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** Routes of OpenAI's API and similar servers for features that no model here has: the feature, and what to use instead. */
const UNSERVED: readonly { readonly paths: readonly string[]; readonly what: string; readonly wayOut: string }[] = [
  {
    paths: ['/v1/score', '/score', '/v1/classify', '/classify', '/pooling'],
    what: 'does not classify texts',
    wayOut: 'Use /v1/rerank to compare documents with a query, or /v1/embeddings.',
  },
  {
    paths: ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/audio/speech'],
    what: 'does not process audio',
    wayOut: 'Use a speech server, such as whisper.cpp.',
  },
  {
    paths: ['/v1/images/generations', '/v1/images/edits', '/v1/images/variations', '/v1/videos'],
    what: 'does not generate images',
    wayOut: 'Use an image server.',
  },
  {
    paths: ['/v1/moderations'],
    what: 'does not moderate content',
    wayOut: 'Use a chat model with your own instructions, or turn moderation off in the client.',
  },
  {
    paths: ['/v1/files', '/v1/uploads', '/v1/batches', '/v1/fine_tuning/jobs', '/v1/vector_stores'],
    what: 'does not store files or jobs',
    wayOut: 'Send each text as its own request; requests run in parallel.',
  },
  {
    paths: ['/v1/assistants', '/v1/threads', '/v1/realtime/sessions', '/v1/realtime/client_secrets'],
    what: 'does not run assistants',
    wayOut: 'Use /v1/responses, which stores the conversation, or /v1/chat/completions.',
  },
]

/** Names the unsupported feature in the answer. A body of any kind is accepted, because these routes also take files. */
export function registerUnserved(server: ApiServer): void {
  for (const { paths, what, wayOut } of UNSERVED) {
    for (const path of paths) {
      server.post(path, { config: { takesAnyBody: true }, schema: { hide: true, body: z.unknown(), response: failures } }, async () => {
        throw new ApiError(400, 'model_unsupported', `This node ${what}: its models generate text. ${wayOut}`, { param: 'model' })
      })
    }
  }
}
