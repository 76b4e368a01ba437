/** The child's end of the channel to its supervisor. */
export interface ParentChannel {
  send(message: unknown): void
  /** Messages that the system has not taken yet. */
  unsentMessages(): number
  /** Resolves when everything sent is out, or cannot go out any more. */
  flushed(): Promise<void>
  onMessage(listener: (message: unknown) => void): void
  /** The supervisor is gone. */
  onClose(listener: () => void): void
}

/** What Electron gives a utility process; not part of Node's types. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
}

/** @throws Error when this process was not started by a supervisor */
export function openParentChannel(): ParentChannel {
  const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort }
  if (parentPort) return utilityProcessChannel(parentPort)
  if (process.send) return forkChannel()
  throw new Error('The worker is started by a node, not by hand.')
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

function utilityProcessChannel(parentPort: ParentPort): ParentChannel {
  return {
    send: (message) => parentPort.postMessage(message),
    unsentMessages: () => 0,
    flushed: () => new Promise((resolve) => setImmediate(resolve)),
    onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    onClose: (listener) => parentPort.on('close', listener),
  }
}
