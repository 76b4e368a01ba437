import type { WireModel } from '../../shared/wire/api/openai-models.ts'

const LEVELS = ['low', 'medium', 'high']

/** An entry of the catalogue that Codex reads from `/v1/models`. Codex refuses the whole list if a field is missing. */
export function toCodexModel(model: WireModel, priority: number): { slug: string } & Record<string, unknown> {
  return {
    slug: model.id,
    display_name: model.display_name,
    description: 'A model of this exo node',
    default_reasoning_level: 'medium',
    supported_reasoning_levels: LEVELS.map((effort) => ({ effort, description: effort })),
    shell_type: 'shell_command',
    visibility: 'list',
    supported_in_api: true,
    priority,
    upgrade: null,
    base_instructions:
      'You are a coding agent that runs in a terminal on the user’s machine. Use the tools that you are ' +
      'given to read, change and test code, and say briefly what you did.',
    supports_reasoning_summaries: false,
    default_reasoning_summary: 'none',
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: null,
    truncation_policy: { mode: 'bytes', limit: 10_000 },
    supports_parallel_tool_calls: true,
    context_window: model.context_window,
    max_context_window: model.context_window,
    auto_compact_token_limit: null,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: ['text'],
  }
}
