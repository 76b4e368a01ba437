import { AppError } from '../../../shared/app-error.ts'
import { compileChatTemplate, type RenderChat } from './chat-template.ts'

/** Number of compiled templates that are kept: a client usually sends the same one each time. */
const MOST_KEPT = 8

/**
 * Chat templates that requests send in place of the model's own.
 *
 * @returns a function that throws AppError `invalid-request` for an invalid template
 */
export function requestedTemplates(specialTokens: Readonly<Record<string, string>>): (template: string) => RenderChat {
  const kept = new Map<string, RenderChat>()
  return (template) => {
    const render = kept.get(template) ?? compile(template, specialTokens)
    kept.delete(template)
    kept.set(template, render)
    for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest)
    return render
  }
}

function compile(template: string, specialTokens: Readonly<Record<string, string>>): RenderChat {
  try {
    return compileChatTemplate({ plain: template, toolUse: null }, specialTokens)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError(
      'invalid-request',
      `The request's chat_template cannot be used: ${cause.message} Correct it, or leave it out for the model's own.`,
      { param: 'chat_template' },
      cause,
    )
  }
}
