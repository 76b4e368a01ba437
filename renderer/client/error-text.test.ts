import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../main/shared/app-error.ts'
import { apiFailure } from '../../main/shared/api-failure.ts'
import { ERROR_GROUPS, type ErrorCode, errorFacts } from '../../main/shared/error-codes.ts'
import { errorText, localized, translateErrors } from './error-text.ts'
import { germanErrors } from './german-errors.ts'
import { germanErrorTranslation } from './german-error-translation.ts'

afterEach(() => translateErrors(null))

describe('localized', () => {
  it('leaves the words of the node where the page speaks its language', () => {
    expect(localized(apiFailure('hub_offline', 'Offline.')).message).toBe('Offline.')
  })
  it('has a German text for each code, by the name of the API too', () => {
    translateErrors(germanErrorTranslation)
    expect(localized(apiFailure('hub_offline', 'Offline.')).message).toBe(germanErrors['hub-offline'])
    expect(localized(new AppError('unreachable', 'The node does not answer.')).message).toBe(germanErrors.unreachable)
    expect(errorText('context_length_exceeded', 'Too long.')).toBe(germanErrors['context-exceeded'])
    expect(errorText('instance_failed', 'It failed.')).toBe(`${germanErrors['instance-failed']} It failed.`)
    expect(errorText('model_not_found', 'x')).toBe(germanErrors['model-not-found'])
    for (const code of Object.values(ERROR_GROUPS).flatMap((group) => Object.keys(group) as ErrorCode[]))
      expect(germanErrorTranslation.textOf(errorFacts(code).api ?? code), code).not.toBeNull()
  })
  it('adds the words of the node where the German text announces them, and keeps them where it knows none', () => {
    translateErrors(germanErrorTranslation)
    expect(localized(apiFailure('invalid_request', "'n' is too large.")).message).toBe("Die Anfrage ist ungültig: 'n' is too large.")
    expect(localized(apiFailure('from_a_later_version', 'New.')).message).toBe('New.')
    expect(localized(apiFailure(null, 'Odd.')).message).toBe('Odd.')
    expect(localized(apiFailure('invalid_api_key', 'No.', { status: 401 })).message).toContain('API-Token')
  })
  it('has texts that end as sentences do', () => {
    for (const [code, text] of Object.entries(germanErrors)) expect(text, code).toMatch(/^\S.*[.?:]$/)
  })
})
