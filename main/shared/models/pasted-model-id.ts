const LINK = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)\/(?:models\/)?([^/\s?#]+\/[^/\s?#]+)(?:[/?#].*)?$/i

/** The id in a link to a model of the hub, as it is copied from a browser; any other text without the spaces around it. */
export function pastedModelId(text: string): string {
  const trimmed = text.trim()
  return LINK.exec(trimmed)?.[1] ?? trimmed
}
