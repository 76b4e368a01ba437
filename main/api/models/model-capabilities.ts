import type { ModelCapability } from '../../shared/models/model-capability.ts'
import type { ListedModel } from '../api-dependencies.ts'

/** The capabilities of a model as far as this node knows them: from its files if they are here, otherwise from its card. */
export function modelCapabilities({ capabilities, card, derived }: ListedModel): ModelCapability[] {
  if (card?.purpose) return [card.purpose === 'embeddings' ? 'embedding' : 'rerank']
  const known = capabilities ??
    card?.capabilities ?? ['completion', 'tools', ...(card?.sampling?.withoutThinking ? (['thinking'] as const) : [])]
  const template = derived?.template
  if (!template) return [...known]
  // With a template of the user's own, the model sees only what that template renders.
  return known.filter((capability) =>
    capability === 'tools' ? template.includes('.Tools') : capability !== 'thinking' || template.includes('.Think'),
  )
}
