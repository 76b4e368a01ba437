/**
 * The `data:` payloads of a stream of server-sent events, without the final `[DONE]`; other lines are comments and
 * names. `texts` may be split at any position.
 */
export async function* readDataEvents(texts: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let pending = ''
  for await (const text of texts) {
    const lines = (pending + text).split(/\r\n|\n/)
    pending = lines.pop() ?? ''
    yield* payloadsOf(lines)
  }
  yield* payloadsOf([pending])
}

function* payloadsOf(lines: readonly string[]): Generator<string, void, undefined> {
  for (const line of lines) {
    if (!line.startsWith('data:')) continue
    const data = line.slice('data:'.length).trim()
    if (data !== '[DONE]') yield data
  }
}
