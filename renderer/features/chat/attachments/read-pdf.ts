import { extractText, getDocumentProxy } from 'unpdf'

/** The text of a PDF, page by page. Empty: its pages are pictures. @throws it is damaged, or has a password */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  const document = await getDocumentProxy(bytes)
  try {
    const { text } = await extractText(document, { mergePages: false })
    return text
      .map((page) => page.trim())
      .join('\n\n')
      .trim()
  } finally {
    await document.loadingTask.destroy()
  }
}
