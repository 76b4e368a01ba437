import type { EnvironmentName } from './environment.ts'

/** A real client and the flows of its driver. */
export interface Client {
  readonly name: string
  readonly environment: EnvironmentName
  /** File in `drivers`. */
  readonly driver: string
  /** Whether it installs in seconds and is therefore part of the default run. */
  readonly isQuick?: true
  readonly flows: readonly string[]
  /** Names of the packages that it tests, whose versions its environment pins. */
  readonly packages: readonly string[]
  /** The version whose recorded requests are sent, if the client itself is too large to install. */
  readonly replays?: Readonly<Record<string, string>>
}

const npm = (name: string): EnvironmentName => ({ kind: 'npm', name })
const pypi = (name: string): EnvironmentName => ({ kind: 'pypi', name })
/** The flows of a client with which one chats, of an SDK, and of a coding agent. */
const CHAT = ['chat', 'stream', 'tools', 'multi-turn', 'cancel', 'errors']
const SDK = ['list', ...CHAT]
const AGENT = ['tools', 'multi-turn', 'cancel', 'errors']

export const clients: readonly Client[] = [
  {
    name: 'openai (js)',
    environment: npm('sdk'),
    driver: 'openai.mjs',
    packages: ['openai'],
    isQuick: true,
    flows: [...SDK, 'forced tool', 'responses', 'structured', 'embeddings'],
  },
  {
    name: 'anthropic (js)',
    environment: npm('sdk'),
    driver: 'anthropic.mjs',
    packages: ['@anthropic-ai/sdk'],
    isQuick: true,
    flows: [...SDK, 'forced tool', 'count tokens'],
  },
  {
    name: 'ollama (js)',
    environment: npm('sdk'),
    driver: 'ollama.mjs',
    packages: ['ollama'],
    isQuick: true,
    flows: [...SDK, 'structured', 'embeddings'],
  },
  {
    name: 'ai SDK',
    environment: npm('sdk'),
    driver: 'ai.mjs',
    packages: ['ai', '@ai-sdk/openai-compatible', '@ai-sdk/openai', '@ai-sdk/anthropic'],
    isQuick: true,
    flows: [...CHAT, 'forced tool', 'structured', 'structured stream', 'object'],
  },
  {
    name: 'openai (py)',
    environment: pypi('sdk'),
    driver: 'openai_sdk.py',
    packages: ['openai'],
    flows: [...SDK, 'forced tool', 'responses', 'structured', 'embeddings'],
  },
  {
    name: 'anthropic (py)',
    environment: pypi('sdk'),
    driver: 'anthropic_sdk.py',
    packages: ['anthropic'],
    flows: [...SDK, 'forced tool', 'structured'],
  },
  {
    name: 'ollama (py)',
    environment: pypi('sdk'),
    driver: 'ollama_sdk.py',
    packages: ['ollama'],
    flows: [...SDK, 'structured', 'embeddings'],
  },
  {
    name: 'Open WebUI (its calls)',
    environment: npm('sdk'),
    driver: 'open-webui.mjs',
    packages: [],
    replays: { 'open-webui': '0.12.4' },
    isQuick: true,
    flows: ['connect', 'load', 'chat', 'title', 'one copy'],
  },
  {
    name: 'codex',
    environment: npm('codex'),
    driver: 'codex.mjs',
    packages: ['@openai/codex'],
    flows: [...AGENT, 'launch'],
  },
  {
    name: 'claude-code',
    environment: npm('claude-code'),
    driver: 'claude-code.mjs',
    packages: ['@anthropic-ai/claude-code'],
    flows: [...AGENT, 'launch'],
  },
  {
    name: 'opencode',
    environment: npm('opencode'),
    driver: 'opencode.mjs',
    packages: ['opencode-ai'],
    flows: [...AGENT, 'launch'],
  },
  {
    name: 'qwen-code',
    environment: npm('qwen-code'),
    driver: 'qwen-code.mjs',
    packages: ['@qwen-code/qwen-code'],
    flows: [...AGENT, 'launch'],
  },
  {
    name: 'continue',
    environment: npm('continue'),
    driver: 'continue.mjs',
    packages: ['@continuedev/cli'],
    flows: [...AGENT, 'ollama'],
  },
  {
    name: 'openai-agents (js)',
    environment: npm('openai-agents'),
    driver: 'openai-agents.mjs',
    packages: ['@openai/agents'],
    flows: [...CHAT, 'structured', 'handoff', 'hosted tools'],
  },
  {
    name: 'langchain (js)',
    environment: npm('frameworks'),
    driver: 'langchain-js.mjs',
    packages: ['@langchain/openai', '@langchain/anthropic', '@langchain/ollama'],
    flows: [...CHAT, 'structured'],
  },
  {
    name: 'langchain (py)',
    environment: pypi('langchain'),
    driver: 'frameworks/langchain_py.py',
    packages: ['langchain-openai', 'langchain-anthropic', 'langchain-ollama'],
    flows: [...CHAT, 'forced tool', 'structured'],
  },
  {
    name: 'pydantic-ai',
    environment: pypi('agents'),
    driver: 'frameworks/pydantic_ai_agent.py',
    packages: ['pydantic-ai-slim'],
    flows: [...CHAT, 'structured', 'tool', 'native', 'prompted'],
  },
  {
    name: 'instructor',
    environment: pypi('agents'),
    driver: 'frameworks/instructor_modes.py',
    packages: ['instructor'],
    flows: [
      'TOOLS',
      'TOOLS_STRICT',
      'JSON',
      'JSON_SCHEMA',
      'JSON_O1',
      'FUNCTIONS',
      'RESPONSES_TOOLS',
      'RESPONSES_TOOLS_WITH_INBUILT_TOOLS',
      'PARALLEL_TOOLS',
      'partial',
      'ANTHROPIC_TOOLS',
      'ANTHROPIC_REASONING_TOOLS',
      'ANTHROPIC_PARALLEL_TOOLS',
      'errors',
    ],
  },
  {
    name: 'openai-agents (py)',
    environment: pypi('agents'),
    driver: 'frameworks/openai_agents_sdk.py',
    packages: ['openai-agents'],
    flows: [...CHAT, 'structured', 'handoff', 'hosted tools'],
  },
  {
    name: 'litellm',
    environment: pypi('litellm'),
    driver: 'litellm_sdk.py',
    packages: ['litellm'],
    flows: ['chat', 'stream', 'tools', 'structured', 'responses'],
  },
  {
    name: 'llama-index',
    environment: pypi('llama-index'),
    driver: 'frameworks/llama_index_llms.py',
    packages: ['llama-index-llms-openai-like', 'llama-index-llms-ollama'],
    flows: [...SDK, 'context', 'structured', 'completions'],
  },
  {
    name: 'llm',
    environment: pypi('llm'),
    driver: 'llm_command.py',
    packages: ['llm', 'llm-ollama'],
    flows: ['list', 'chat', 'stream', 'tools', 'structured', 'ollama'],
  },
  {
    name: 'aider',
    environment: pypi('aider'),
    driver: 'aider_command.py',
    packages: ['aider-chat'],
    flows: ['chat', 'stream', 'ollama'],
  },
  {
    name: 'lm-eval',
    environment: pypi('lm-eval'),
    driver: 'lm_eval_command.py',
    packages: ['lm-eval'],
    flows: ['chat', 'completions'],
  },
  {
    name: 'pi',
    environment: npm('pi'),
    driver: 'pi.mjs',
    packages: ['@mariozechner/pi-coding-agent'],
    flows: ['list', ...AGENT, 'openai-completions', 'openai-responses', 'anthropic-messages'],
  },
  {
    name: 'guidellm',
    environment: pypi('guidellm'),
    driver: 'guidellm_command.py',
    packages: ['guidellm'],
    flows: ['benchmark'],
  },
  {
    name: 'dspy',
    environment: pypi('dspy'),
    driver: 'frameworks/dspy_modules.py',
    packages: ['dspy'],
    flows: ['chat', 'multi-turn', 'structured', 'cancel', 'errors'],
  },
  {
    name: 'smolagents',
    environment: pypi('smolagents'),
    driver: 'frameworks/smolagents_agents.py',
    packages: ['smolagents'],
    flows: [...CHAT, 'code'],
  },
  {
    name: 'haystack',
    environment: pypi('haystack'),
    driver: 'frameworks/haystack_generators.py',
    packages: ['haystack-ai'],
    flows: [...CHAT, 'structured'],
  },
  {
    name: 'strands',
    environment: pypi('strands'),
    driver: 'frameworks/strands_agents.py',
    packages: ['strands-agents'],
    flows: [...CHAT, 'structured'],
  },
  {
    name: 'agno',
    environment: pypi('agno'),
    driver: 'frameworks/agno_agents.py',
    packages: ['agno'],
    flows: [...CHAT, 'structured', 'json mode'],
  },
  {
    name: 'autogen',
    environment: pypi('autogen'),
    driver: 'frameworks/autogen_agents.py',
    packages: ['autogen-agentchat', 'autogen-ext'],
    flows: [...CHAT, 'structured', 'json mode'],
  },
  {
    name: 'crewai',
    environment: pypi('crewai'),
    driver: 'frameworks/crewai_crews.py',
    packages: ['crewai'],
    flows: ['chat', 'stream', 'agent', 'tools', 'multi-turn', 'structured', 'errors'],
  },
  {
    name: 'semantic-kernel',
    environment: pypi('semantic-kernel'),
    driver: 'frameworks/semantic_kernel_agents.py',
    packages: ['semantic-kernel'],
    flows: [...CHAT, 'structured'],
  },
  {
    name: 'inspect-ai',
    environment: pypi('inspect-ai'),
    driver: 'frameworks/inspect_ai_models.py',
    packages: ['inspect-ai'],
    flows: ['chat', 'tools', 'multi-turn', 'structured', 'logprobs', 'errors'],
  },
  {
    name: 'shell-gpt',
    environment: pypi('shell-gpt'),
    driver: 'shell_gpt_command.py',
    packages: ['shell-gpt'],
    flows: ['chat', 'multi-turn'],
  },
  {
    name: 'mini-swe-agent',
    environment: pypi('mini-swe-agent'),
    driver: 'mini_swe_agent.py',
    packages: ['mini-swe-agent'],
    flows: ['tools'],
  },
  {
    name: 'litellm (proxy)',
    environment: pypi('litellm-proxy'),
    driver: 'litellm_proxy.py',
    packages: ['litellm'],
    flows: ['connect', 'chat', 'stream', 'messages', 'responses'],
  },
  { name: 'gptme', environment: pypi('gptme'), driver: 'gptme_command.py', packages: ['gptme'], flows: ['chat'] },
  {
    name: 'mastra',
    environment: npm('frameworks'),
    driver: 'mastra.mjs',
    packages: ['@mastra/core'],
    flows: [...CHAT, 'structured'],
  },
  {
    name: 'mistral-vibe',
    environment: { ...pypi('mistral-vibe'), pythonMinor: 12 },
    driver: 'mistral_vibe.py',
    packages: ['mistral-vibe'],
    flows: ['tools', 'multi-turn', 'errors'],
  },
  { name: 'kilo', environment: npm('kilo'), driver: 'kilo.mjs', packages: ['@kilocode/cli'], flows: ['tools'] },
  {
    name: 'cline',
    environment: npm('cline'),
    driver: 'cline.mjs',
    packages: ['cline'],
    flows: ['tools'],
  },
  {
    name: 'promptfoo',
    environment: npm('promptfoo'),
    driver: 'promptfoo.mjs',
    packages: ['promptfoo'],
    flows: ['chat', 'responses', 'messages', 'structured'],
  },
  {
    name: 'ollama-ai-provider',
    environment: npm('frameworks'),
    driver: 'ollama-ai-provider.mjs',
    packages: ['ollama-ai-provider-v2'],
    flows: CHAT,
  },
]
