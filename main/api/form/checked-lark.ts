import { enforceableLark } from '../../domain/generation/form/lark/enforceable-lark.ts'
import { LarkFault } from '../../domain/generation/form/lark/lark-words.ts'
import { ApiError } from '../api-error.ts'
import { requireFormSize } from './require-form-size.ts'

/**
 * A Lark grammar in the dialect that the engine reads.
 *
 * @param param - the field of the request that contains it
 * @param isInput - it is a tool's: a call may carry its text in JSON, where less is possible
 * @throws ApiError 400 with the line of what cannot be enforced
 */
export function checkedLark(grammar: string, param: string, isInput = false): string {
  requireFormSize('grammar', grammar, param)
  try {
    if (isInput) enforceableLark(grammar, true)
    return enforceableLark(grammar, false)
  } catch (error) {
    if (!(error instanceof LarkFault)) throw error
    throw new ApiError(400, 'invalid_value', `Line ${error.line} of the Lark grammar in '${param}' cannot be enforced: ${error.message}.`, {
      param,
    })
  }
}
