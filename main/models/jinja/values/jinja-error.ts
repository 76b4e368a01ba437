/** A template that cannot be read, or that cannot go on with what it was given. */
export class JinjaError extends Error {
  override name = 'JinjaError'
}
