import { readRegularText } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { parsePythonJson } from '../../shared/formats/parse-python-json.ts'

/**
 * Reads the JSON object in a model's file; null if there is no such file.
 *
 * @throws AppError `model-damaged` if the file is unreadable, not JSON, or not an object
 */
export async function readJsonFile(path: string): Promise<Readonly<Record<string, unknown>> | null> {
  const damaged = (reason: string, cause?: unknown): AppError =>
    new AppError('model-damaged', `${path} ${reason}: copy or download the model again.`, { path }, cause)
  let text: string
  try {
    text = await readRegularText(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw damaged('cannot be read', cause)
  }
  let value: unknown
  try {
    value = parsePythonJson(text)
  } catch (cause) {
    throw damaged('is not valid JSON', cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged('is not a JSON object')
  return value as Record<string, unknown>
}
