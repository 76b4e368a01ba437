/** The `data:` payloads of a server-sent stream, without the final `[DONE]`; other lines are comments and names. */
export async function* readDataEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let pending = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      pending += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const lines = pending.split(/\r\n|\n/)
      pending = done ? '' : (lines.pop() ?? '')
      for (const line of lines) {
        if (!line.startsWith('data:')) continue
        const data = line.slice(5).trimStart()
        if (data !== '[DONE]') yield data
      }
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => undefined) // the stream may have failed already, which the reader has told
  }
}
