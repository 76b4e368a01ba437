import { z } from 'zod'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'

const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** Routes of OpenAI's API, and of servers like it, that ask for what no model here does: what they ask for, and what to do. */
const UNSERVED: readonly { readonly paths: readonly string[]; readonly what: string; readonly wayOut: string }[] = [
  {
    paths: ['/v1/embeddings'],
    what: 'computes no embeddings',
    wayOut: 'Point the client at an embedding server for these, such as Ollama or text-embeddings-inference.',
  },
  {
    paths: ['/v1/rerank', '/rerank', '/v2/rerank', '/v1/score', '/score', '/v1/classify', '/classify', '/pooling'],
    what: 'ranks and scores no documents',
    wayOut: 'Point the client at a reranking server for these.',
  },
  {
    paths: ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/audio/speech'],
    what: 'neither hears nor speaks',
    wayOut: 'Point the client at a speech server for these, such as whisper.cpp.',
  },
  {
    paths: ['/v1/images/generations', '/v1/images/edits', '/v1/images/variations', '/v1/videos'],
    what: 'makes no images',
    wayOut: 'Point the client at an image server for these.',
  },
  {
    paths: ['/v1/moderations'],
    what: 'moderates no content',
    wayOut: 'Ask a chat model with instructions of your own, or turn moderation off in the client.',
  },
  {
    paths: ['/v1/conversations'],
    what: 'keeps no conversations',
    wayOut: "Go on from a response with 'previous_response_id' of /v1/responses.",
  },
  {
    paths: ['/v1/files', '/v1/uploads', '/v1/batches', '/v1/fine_tuning/jobs', '/v1/vector_stores'],
    what: 'keeps no files or jobs',
    wayOut: 'Send texts themselves, each as a request; several run at once.',
  },
  {
    paths: ['/v1/assistants', '/v1/threads', '/v1/realtime/sessions', '/v1/realtime/client_secrets'],
    what: 'runs no assistants',
    wayOut: 'Use /v1/responses, which keeps the conversation, or /v1/chat/completions.',
  },
]

/** Says by name what is not served; a body of any kind is taken, as those routes take files too. */
export function registerUnserved(server: ApiServer): void {
  for (const { paths, what, wayOut } of UNSERVED) {
    for (const path of paths) {
      server.post(path, { config: { takesAnyBody: true }, schema: { hide: true, body: z.unknown(), response: failures } }, async () => {
        throw new ApiError(400, 'model_unsupported', `This node ${what}: its models generate text. ${wayOut}`, { param: 'model' })
      })
    }
  }
}
