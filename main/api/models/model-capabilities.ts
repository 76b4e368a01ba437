import type { ModelCapability } from '../../shared/models/model-capability.ts'
import type { ListedModel } from '../api-dependencies.ts'

/** What can be asked of a model, as far as this node knows: by its files where they are here, else by its card. */
export function modelCapabilities({ capabilities, card, derived }: ListedModel): ModelCapability[] {
  const known = capabilities ?? ['completion', 'tools', ...(card?.sampling?.withoutThinking ? (['thinking'] as const) : [])]
  const template = derived?.template
  if (!template) return [...known]
  // A template of the user's own is all that the model is told.
  return known.filter((capability) =>
    capability === 'tools' ? template.includes('.Tools') : capability !== 'thinking' || template.includes('.Think'),
  )
}
