import type { ReasoningEffort } from '../../shared/wire/api/openai.ts'

/** The variables that control reasoning in chat templates. A client may set either of two switches; each implies the other. */
export function reasoningVariables(effort: ReasoningEffort | null, enableThinking: boolean | null): Record<string, unknown> {
  if (effort === null && enableThinking === null) return {}
  const thinks = enableThinking ?? effort !== 'none'
  return { enable_thinking: thinks, reasoning_effort: effort ?? (thinks ? 'medium' : 'none') }
}
