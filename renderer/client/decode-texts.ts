/** Yields the text of a body as it arrives. Not every browser can iterate over a stream. */
export async function* decodeTexts(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      yield done ? decoder.decode() : decoder.decode(value, { stream: true })
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => undefined) // the stream may already have failed, and the reader has reported that
  }
}
