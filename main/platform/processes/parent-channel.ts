/** The child's end of the channel to its supervisor. */
export interface ParentChannel {
  send(message: unknown): void
  /** Messages that the system has not accepted yet. */
  unsentMessages(): number
  /** Resolves when all messages have been sent or can no longer be sent. */
  flushed(): Promise<void>
  onMessage(listener: (message: unknown) => void): void
  /** The supervisor is gone. */
  onClose(listener: () => void): void
}

/** Electron's channel of a utility process; not part of Node's types. */
interface MessagePort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
}
interface ParentPort {
  once(event: 'message', listener: (event: { ports: MessagePort[] }) => void): void
}

/** @throws Error when this process was not started by a supervisor */
export function openParentChannel(): ParentChannel {
  const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort }
  if (parentPort) return utilityProcessChannel(parentPort)
  if (process.send) return forkChannel()
  throw new Error('The worker is started by a node and cannot be run on its own.')
}

function forkChannel(): ParentChannel {
  let unsent = 0
  let waiting: (() => void)[] = []
  const settle = (): void => {
    unsent -= 1
    if (unsent > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }
  return {
    send: (message) => {
      if (!process.connected) return
      unsent += 1
      process.send?.(message, settle)
    },
    unsentMessages: () => unsent,
    flushed: () => new Promise((resolve) => (unsent === 0 ? resolve() : waiting.push(resolve))),
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  }
}

/**
 * The app's shell starts this process and passes a port that leads directly to the node in its first message: tokens
 * must not wait for the shell, which is blocked while a menu is open.
 */
function utilityProcessChannel(parentPort: ParentPort): ParentChannel {
  const early: unknown[] = []
  const messageListeners: ((message: unknown) => void)[] = []
  const closeListeners: (() => void)[] = []
  let port: MessagePort | null = null
  parentPort.once('message', ({ ports: [first] }) => {
    if (!first) throw new Error('The app did not give this process a channel to its node.')
    port = first
    first.on('message', ({ data }) => messageListeners.forEach((listener) => listener(data)))
    first.on('close', () => closeListeners.forEach((listener) => listener()))
    first.start()
    for (const message of early.splice(0)) first.postMessage(message)
  })
  return {
    send: (message) => (port ? port.postMessage(message) : void early.push(message)),
    unsentMessages: () => early.length,
    flushed: () => new Promise((resolve) => setImmediate(resolve)),
    onMessage: (listener) => void messageListeners.push(listener),
    onClose: (listener) => void closeListeners.push(listener),
  }
}
