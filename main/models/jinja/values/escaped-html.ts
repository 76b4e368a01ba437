const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

/** A text with entities in place of HTML's characters, as MarkupSafe writes it. */
export const escapedHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => HTML[character] ?? character)
