import type { ModelCapability } from '../models/model-capability.ts'
import type { ConnectTool } from './connect-tool.ts'

export interface ConnectableModel {
  readonly id: string
  readonly aliases: readonly string[]
  readonly loaded: boolean
  readonly context_tokens: number | null
  readonly capabilities: readonly ModelCapability[]
  /** The most tokens that the model was trained for. */
  readonly meta: { readonly n_ctx_train: number | null }
}

type Needs = Pick<ConnectTool, 'needsTools' | 'minContextTokens'>

/** What a model lacks for a tool, as sentences; empty: nothing. */
export function lacksOf(model: ConnectableModel, { needsTools, minContextTokens }: Needs): string[] {
  const { id, capabilities, context_tokens: contextTokens, loaded, meta } = model
  const canHaveMore = loaded && (meta.n_ctx_train ?? Infinity) >= minContextTokens
  return [
    ...(needsTools && !capabilities.includes('tools') ? [`${id} was not trained to call tools, which this tool needs.`] : []),
    ...(contextTokens !== null && contextTokens < minContextTokens
      ? [
          `${id} ${canHaveMore ? 'is loaded with' : 'has'} a context of ${count(contextTokens)} tokens; this ` +
            `tool needs about ${count(minContextTokens)}.` +
            (canHaveMore
              ? ` To load it with more: exo models set ${id} context_tokens=${minContextTokens}, then unload it.`
              : ' Choose another model.'),
        ]
      : []),
  ]
}

/**
 * The model for a tool that the user did not choose one for: one that lacks nothing, rather a loaded one, rather one with
 * more context; null: there is none.
 */
export function pickModel<Model extends ConnectableModel>(models: readonly Model[], needs: Needs): Model | null {
  const fitting = models.filter((model) => model.capabilities.includes('completion') && lacksOf(model, needs).length === 0)
  return (
    fitting.toSorted(
      (left, right) => Number(right.loaded) - Number(left.loaded) || (right.context_tokens ?? 0) - (left.context_tokens ?? 0),
    )[0] ?? null
  )
}

/** A model by its id, its name without the owner, or an alias, regardless of case. */
export function modelCalled<Model extends ConnectableModel>(models: readonly Model[], name: string): Model | null {
  const sought = name.toLowerCase()
  const namesOf = ({ id, aliases }: Model): string[] => [id, id.split('/').at(-1) ?? id, ...aliases].map((each) => each.toLowerCase())
  return models.find(({ id }) => id.toLowerCase() === sought) ?? models.find((model) => namesOf(model).includes(sought)) ?? null
}

const count = (tokens: number): string => tokens.toLocaleString('en')
