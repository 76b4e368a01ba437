import type { AnthropicModel } from '../../shared/wire/api/anthropic.ts'
import type { WireModel } from '../../shared/wire/api/openai-models.ts'

const support = (supported: boolean): { supported: boolean } => ({ supported })

/** A model in the format of Anthropic's API, with the capabilities that this node supports. */
export function toAnthropicModel({ id, display_name, created_at, context_length, capabilities }: WireModel): AnthropicModel {
  const thinks = support(capabilities.includes('thinking'))
  const no = support(false)
  return {
    type: 'model',
    id,
    display_name,
    created_at,
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    retires_at: null,
    max_input_tokens: context_length,
    max_tokens: context_length,
    capabilities: {
      batch: no,
      citations: no,
      code_execution: no,
      context_management: { supported: false, clear_thinking_20251015: null, clear_tool_uses_20250919: null, compact_20260112: null },
      effort: { ...thinks, low: thinks, medium: thinks, high: thinks, max: no, xhigh: null },
      image_input: no,
      pdf_input: no,
      server_tools: { supported: false, code_execution: no, web_search: no },
      structured_outputs: support(capabilities.includes('tools')),
      thinking: { ...thinks, types: { adaptive: thinks, between_tools: thinks, disabled: thinks, enabled: thinks } },
    },
  }
}
