import { Worker } from 'node:worker_threads'
import type { Clock } from '../../../platform/clock.ts'
import type { Log } from '../../../platform/log/log.ts'
import { withinTime } from '../../../platform/waiting/within-time.ts'
import { AppError } from '../../../shared/app-error.ts'
import { linkTagOf } from './datagram-seal.ts'
import { PULSE, type DatagramCommand, type DatagramReport, type DatagramThreadData } from './datagram-message.ts'
import { type DatagramListener, type DatagramSocket, openDatagramSocket } from './datagram-socket.ts'

const PULSE_MS = 100
const START_LIMIT_MS = 10_000
const CLOSE_LIMIT_MS = 2000

/** Opens the UDP port of a node's links in a separate thread, which keeps the links alive while this thread is blocked. */
export async function openDatagramThread(
  entry: string,
  listen: { host: string | null; port: number },
  clock: Clock,
  log: Pick<Log, 'trace' | 'debug' | 'warn'>,
): Promise<DatagramSocket> {
  const pulse = new Int32Array(new SharedArrayBuffer(4 * PULSE.places))
  const workerData: DatagramThreadData = { ...listen, pulse }
  const worker = new Worker(entry, {
    workerData,
    name: 'datagrams',
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
  })
  worker.on('error', (error) => log.warn('the heartbeat thread exited: links to peers may break while this node is busy', { error }))
  const closed = new AbortController()
  const listeners = new Map<string, DatagramListener>()
  const send = (command: DatagramCommand, transfer: ArrayBuffer[] = []): void => worker.postMessage(command, transfer)
  const reportOf = (type: DatagramReport['type'], limitMs: number): Promise<DatagramReport> =>
    withinTime(
      (signal) =>
        new Promise<DatagramReport>((resolve, reject) => {
          const onMessage = (report: DatagramReport): void => {
            if (report.type === type) settle(() => resolve(report))
          }
          const onEnd = (): void => settle(() => reject(new AppError('thread-ended', 'The heartbeat thread exited.')))
          const settle = (act: () => void): void => {
            worker.off('message', onMessage).off('exit', onEnd)
            signal.removeEventListener('abort', onEnd)
            act()
          }
          worker.on('message', onMessage).on('exit', onEnd)
          signal.addEventListener('abort', onEnd, { once: true })
        }),
      limitMs,
      () => new AppError('timeout', `The heartbeat thread did not answer within ${limitMs / 1000} s.`),
      clock,
      new AbortController().signal,
    )
  worker.on('message', (report: DatagramReport) => {
    if (report.type !== 'datagram') return
    Atomics.add(pulse, PULSE.taken, 1)
    const datagram = Buffer.from(report.datagram.buffer, report.datagram.byteOffset, report.datagram.byteLength)
    listeners.get(linkTagOf(datagram) ?? '')?.(datagram, report.from)
  })
  try {
    const opened = await reportOf('open', START_LIMIT_MS)
    if (opened.type === 'open' && opened.reason !== null)
      log.warn('no UDP port for heartbeats: links over bad networks may break more often', {
        port: listen.port,
        reason: opened.reason,
      })
  } catch (error) {
    log.warn('the heartbeat thread did not start: links to peers may break while this node is busy', { error })
    await worker.terminate()
    return openDatagramSocket(listen, log)
  }
  worker.unref()
  clock.every(PULSE_MS, () => void Atomics.add(pulse, PULSE.beats, 1), closed.signal)
  return {
    send: (datagram, to) => {
      const copy = new Uint8Array(datagram)
      send({ type: 'send', datagram: copy, to }, [copy.buffer])
    },
    listen: (linkTag, listener, key) => {
      listeners.set(linkTag, listener)
      send({ type: 'listen', linkTag, key })
    },
    forget: (linkTag) => {
      listeners.delete(linkTag)
      send({ type: 'forget', linkTag })
    },
    close: async () => {
      closed.abort()
      const answered = reportOf('closed', CLOSE_LIMIT_MS).catch((error: unknown) =>
        log.debug('the heartbeat thread did not close its port', { error }),
      )
      send({ type: 'close' })
      await answered
      await worker.terminate()
    },
  }
}
