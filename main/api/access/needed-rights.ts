import type { TokenRights } from '../../shared/wire/api/api-tokens.ts'

/** The folders below /v1 whose routes use models. */
const FOLDERS = [
  ...['chat', 'completions', 'responses', 'messages', 'conversations', 'trifurcated', 'cancel'],
  ...['embeddings', 'rerank', 'score', 'classify', 'moderations'],
  ...['audio', 'images', 'videos', 'files', 'uploads', 'batches', 'fine_tuning', 'vector_stores'],
  ...['assistants', 'threads', 'realtime', 'chatkit', 'containers', 'skills', 'fine-tunes', 'evals', 'edits', 'complete'],
]

/** Routes used by clients of models: those of OpenAI and Anthropic, and those of Ollama that change nothing on the disk. */
const INFERENCE: readonly { readonly methods: readonly string[]; readonly path: RegExp }[] = [
  { methods: ['GET', 'HEAD'], path: /^\/v1\/models(\/|$)/ },
  {
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    path: new RegExp(`^/v1/(${FOLDERS.join('|')})(/|$)`),
  },
  { methods: ['GET', 'HEAD'], path: /^\/lm-studio\/api\/v[01]\/models(\/|$)/ },
  { methods: ['POST'], path: /^\/v2\/rerank$/ },
  { methods: ['POST'], path: /^\/(v1\/)?(tokenize|detokenize|apply-template|completion|infill)$/ },
  { methods: ['POST'], path: /^\/(generate|generate_stream|embedding|embed|ping)?$/ },
  { methods: ['GET', 'HEAD', 'POST'], path: /^\/ollama\/api\/(chat|generate|embed|embeddings|tags|ps|show|version)$/ },
  {
    methods: ['GET', 'HEAD'],
    path: /^\/(livez|readyz|live|ready|(v1\/)?health\/\w+|ollama\/api\/health|is_sleeping|model_info|get_model_info)$/,
  },
  {
    methods: ['GET', 'HEAD'],
    path: /^\/(ollama|openapi\.json|node_id|version|ping|load|health|info|tokenizer_info|props|slots|lora-adapters|v1|v1\/health)?$/,
  },
]

/** The rights that a call needs. A route that is not listed needs all rights. */
export function neededRights(method: string, path: string): TokenRights {
  const plain = path.replace(/(?<=.)\/$/, '')
  return INFERENCE.some((route) => route.methods.includes(method) && route.path.test(plain)) ? 'inference' : 'admin'
}
