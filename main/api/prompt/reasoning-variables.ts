import type { ReasoningEffort } from '../../shared/wire/api/openai.ts'

/** What chat templates are told of reasoning. A client may give either of two switches; each implies the other. */
export function reasoningVariables(effort: ReasoningEffort | null, enableThinking: boolean | null): Record<string, unknown> {
  if (effort === null && enableThinking === null) return {}
  const thinks = enableThinking ?? effort !== 'none'
  return { enable_thinking: thinks, reasoning_effort: effort ?? (thinks ? 'medium' : 'none') }
}
