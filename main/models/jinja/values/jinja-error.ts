/** A template is invalid or cannot be rendered with its input. */
export class JinjaError extends Error {
  override name = 'JinjaError'
}
