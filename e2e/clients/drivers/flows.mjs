// Shared by the drivers of JavaScript clients: each flow prints one line of JSON.
export const { EXO_URL: url = '', EXO_MODEL: model = '' } = process.env
export const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
export const remembered = [
  { role: 'user', content: 'My name is Ann.' },
  { role: 'assistant', content: 'Hello from exo.' },
  { role: 'user', content: 'What is my name?' },
]

const LIMIT_MS = 90_000

export async function flow(name, run) {
  let timer
  const limit = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no end after ${LIMIT_MS / 1000} s`)), LIMIT_MS)))
  try {
    await Promise.race([run(), limit])
    console.log(JSON.stringify({ flow: name, failure: null }))
  } catch (error) {
    console.log(JSON.stringify({ flow: name, failure: String(error?.stack ?? error).slice(0, 2000) }))
  } finally {
    clearTimeout(timer)
  }
}

export function holds(what, text) {
  if (!String(text).includes(what)) throw new Error(`expected ${JSON.stringify(what)} in ${JSON.stringify(text)?.slice(0, 500)}`)
}

/** The number of this node's requests that were cancelled by their clients. */
async function cancelledCount() {
  const text = await (await fetch(`${url}/metrics`)).text()
  return text
    .split('\n')
    .reduce((sum, line) => sum + (/^exo_\w+\{[^}]*cancelled[^}]*\} /.test(line) ? Number(line.split(' ').at(-1)) : 0), 0)
}

/** Runs `hangUp`, which abandons an endless answer, and waits until the node has cancelled it. */
export async function cancels(hangUp) {
  const before = await cancelledCount()
  await hangUp()
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await cancelledCount()) > before) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the node did not end the answer that its client left')
}

export async function fails(run, pattern) {
  try {
    await run()
  } catch (error) {
    if (pattern.test(`${error?.status} ${error?.message}`)) return
    throw error
  }
  throw new Error('expected a failure')
}
