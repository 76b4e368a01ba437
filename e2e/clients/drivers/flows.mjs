// Shared by the drivers of JavaScript clients: each flow prints one line of JSON.
export const { EXO_URL: url = '', EXO_MODEL: model = '' } = process.env
export const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
export const remembered = [
  { role: 'user', content: 'My name is Ann.' },
  { role: 'assistant', content: 'Hello from exo.' },
  { role: 'user', content: 'What is my name?' },
]

/** What the model says in the flows that all clients share. Other flows check their answers themselves. */
const WANTED = {
  list: model,
  chat: 'Hello from exo.',
  stream: 'Hello from exo.',
  tools: 'It says rain.',
  'multi-turn': 'Your name is Ann.',
  structured: 'Ann',
}
export const ABSENT = 'nobody-has-this'
/** The node's own words about a model that it does not have. */
export const REFUSAL = `The model ${ABSENT} is not on this machine`

const LIMIT_MS = 300_000

/**
 * Runs each flow over each variant of a client, such as one per API.
 *
 * @param makers a function per variant; it makes what the client uses for a model, by default the one that the node has
 * @param ways a function per flow: it takes such a maker and returns what the client has said. The way of `cancel` abandons an
 * endless answer, and that of `errors` asks for a model that the node does not have.
 */
export async function clientFlows(makers, ways) {
  for (const [name, way] of Object.entries(ways)) {
    await flow(name, async () => {
      for (const [variant, maker] of Object.entries(makers)) {
        if (way.variants?.includes(variant) === false) continue
        const run = () => way((at = model, fields = {}) => maker(at, fields))
        await runWay(name, run).catch((error) => {
          throw new Error(`over ${variant}: ${error?.stack} ${error?.responseBody ?? ''}`)
        })
      }
    })
  }
}

/** Leaves a flow to those variants of a client that have it. */
export const only = (variants, way) => Object.assign(way, { variants })

async function runWay(name, run) {
  if (name === 'cancel') return cancels(run)
  if (name === 'errors') return refuses(run)
  const said = await run()
  if (name in WANTED) holds(WANTED[name], said)
}

async function refuses(run) {
  const said = await run().catch((error) => `${error?.message} ${error?.responseBody ?? ''} ${error?.cause?.message ?? ''}`)
  holds(REFUSAL, typeof said === 'string' ? said : JSON.stringify(said))
}

/** The whole text of a stream of pieces. */
export async function textOf(pieces, pick = (piece) => piece) {
  let text = ''
  for await (const piece of pieces) text += pick(piece) ?? ''
  return text
}

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

/** The sum of this node's measurements whose names and labels match. */
async function measured(pattern) {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
  return lines.reduce((sum, line) => sum + (pattern.test(line) ? Number(line.split(' ').at(-1)) : 0), 0)
}

const cancelledCount = () => measured(/^exo_inferences_total\{[^}]*cancelled[^}]*\} /)

/** Whether the node generates an answer. */
export const isGenerating = async () => (await measured(/^exo_shard_running\{/)) > 0

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
