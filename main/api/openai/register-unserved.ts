import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AnthropicError } from '../../shared/wire/api/anthropic.ts'
import { OllamaError } from '../../shared/wire/api/ollama.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'

const errors = z.union([ErrorBody, AnthropicError, OllamaError])
const response = { '4xx': errors, '5xx': errors }

interface Unserved {
  /** Each stands for all methods and for the paths below it. */
  readonly paths: readonly string[]
  readonly what: string
  readonly wayOut: string
}

/** Routes of other servers' APIs for features that no model here has: the feature, and what to use instead. */
const UNSERVED: readonly Unserved[] = [
  {
    paths: ['/v1/score', '/score', '/v1/classify', '/classify', '/pooling', '/predict', '/similarity'],
    what: 'does not classify texts',
    wayOut: 'Use /v1/rerank to compare documents with a query, or /v1/embeddings.',
  },
  { paths: ['/v1/audio'], what: 'does not process audio', wayOut: 'Use a speech server, such as whisper.cpp.' },
  { paths: ['/v1/images', '/v1/videos'], what: 'does not generate images or videos', wayOut: 'Use an image server.' },
  {
    paths: ['/v1/moderations'],
    what: 'does not moderate content',
    wayOut: 'Use a chat model with your own instructions, or turn moderation off in the client.',
  },
  {
    paths: ['/v1/files', '/v1/uploads', '/v1/batches', '/v1/messages/batches', '/v1/vector_stores', '/v1/containers', '/v1/skills'],
    what: 'does not store files or jobs',
    wayOut: 'Send each text as its own request; requests run in parallel.',
  },
  {
    paths: ['/v1/fine_tuning', '/v1/fine-tunes', '/v1/evals'],
    what: 'does not train or evaluate models',
    wayOut: 'Train with another program, such as mlx-lm, and load the resulting model here.',
  },
  {
    paths: ['/v1/assistants', '/v1/threads', '/v1/realtime', '/v1/chatkit'],
    what: 'does not run assistants',
    wayOut: 'Use /v1/responses, which stores the conversation, or /v1/chat/completions.',
  },
  {
    paths: ['/v1/responses/compact'],
    what: 'does not compact conversations',
    wayOut: 'Ask the model for a summary with /v1/responses, and continue from that.',
  },
  {
    paths: ['/v1/edits', '/v1/complete'],
    what: 'does not serve this older route',
    wayOut: 'Use /v1/chat/completions, /v1/completions or /v1/messages.',
  },
  {
    paths: ['/v1/organization', '/v1/dashboard/billing'],
    what: 'does not have accounts or prices',
    wayOut: 'GET /history and GET /metrics count requests and tokens.',
  },
  {
    paths: ['/lm-studio/api/v1/chat'],
    what: "does not serve LM Studio's own chats",
    wayOut: 'Use /v1/responses, which stores the conversation too, or /v1/chat/completions.',
  },
  {
    paths: ['/v1/generate', '/v1/model', '/v1/info', '/v1/config', '/ollama/api/extra', '/ollama/api/latest', '/sdapi'],
    what: "does not speak KoboldCpp's API",
    wayOut: 'Choose llama.cpp or an OpenAI-compatible server in the client: this node serves /completion, /props and /v1/completions.',
  },
  {
    paths: ['/sleep', '/wake_up', '/release_memory_occupation', '/resume_memory_occupation'],
    what: 'does not put models to sleep',
    wayOut: "Unload a model with POST /api/generate and 'keep_alive': 0; the next request for it loads it again.",
  },
  {
    paths: ['/v1beta/models'],
    what: "does not speak Google's API",
    wayOut: "Use the client's setting for OpenAI-compatible servers, with /v1/chat/completions.",
  },
  {
    paths: ['/v1/load_lora_adapter', '/v1/unload_lora_adapter'],
    what: 'does not load adapters',
    wayOut: 'Merge the adapter into its model, and load that.',
  },
]

/** Names the unsupported feature in the answer. A body of any kind is accepted, because these routes also take files. */
export function registerUnserved(server: ApiServer): void {
  const config = { takesAnyBody: true }
  for (const { paths, what, wayOut } of UNSERVED) {
    const refuse = async (_request: FastifyRequest, _reply: FastifyReply): Promise<never> => {
      throw new ApiError(400, 'model_unsupported', `This node ${what}. ${wayOut}`, { param: 'model' })
    }
    for (const path of paths.flatMap((base) => [base, `${base}/*`])) {
      server.get(path, { config, schema: { hide: true, response } }, refuse)
      for (const method of ['post', 'delete'] as const)
        server[method](path, { config, schema: { hide: true, body: z.unknown(), response } }, refuse)
    }
  }
}
