import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { PairingView } from '../../shared/wire/api/membership.ts'
import type { PairingChannel } from './pairing-channel.ts'
import { pairingError } from './pairing-error.ts'

/** One pairing from start to end, as shown on the screen of this machine. */
export class PairingSession {
  /** Resolves when the person has confirmed that the digits match. */
  readonly confirmed: Promise<void>
  /** Resolves when the digits are known; rejects if the pairing ends before. */
  readonly digitsShown: Promise<void>
  readonly signal: AbortSignal
  readonly #ended = new AbortController()
  readonly #onChange: () => void
  #view: PairingView
  #channel: PairingChannel | null = null
  #confirm: () => void = () => undefined
  #onDigits: () => void = () => undefined
  #onNoDigits: (error: unknown) => void = () => undefined

  constructor(about: Pick<PairingView, 'pairingId' | 'role' | 'clusterName'>, onChange: () => void, signal: AbortSignal) {
    this.#view = { ...about, status: 'connecting', peerName: null, digits: null, isConfirmedHere: false, error: null }
    this.#onChange = onChange
    this.signal = AbortSignal.any([signal, this.#ended.signal])
    this.confirmed = new Promise((resolve) => (this.#confirm = resolve))
    this.digitsShown = new Promise((resolve, reject) => {
      this.#onDigits = resolve
      this.#onNoDigits = reject
    })
    this.digitsShown.catch(() => undefined)
  }

  view(): PairingView {
    return this.#view
  }

  isOpen(): boolean {
    return this.#view.status !== 'ended'
  }

  /** The connection that gets the reason and is closed when the pairing ends. */
  closeWith(channel: PairingChannel): void {
    this.#channel = channel
  }

  show(digits: string, peerName: string): void {
    this.#change({ status: 'comparing', digits, peerName })
    this.#onDigits()
  }

  confirm(): void {
    this.#change({ isConfirmedHere: true })
    this.#confirm()
  }

  cancel(): void {
    this.#end(pairingError('declined'))
  }

  /** Runs the rest of the pairing; the session records its outcome. */
  finish(work: Promise<void>): void {
    work.then(
      () => this.#end(null),
      (error: unknown) => this.#end(error),
    )
  }

  /** Runs the first part; its failure ends the session and is thrown. */
  async run(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#end(error)
      throw error
    }
  }

  #end(error: unknown): void {
    if (!this.isOpen()) return
    this.#change({ status: 'ended', error: error === null ? null : { code: errorCode(error), message: errorMessage(error) } })
    this.#onNoDigits(error ?? pairingError('broken'))
    if (error === null) this.#channel?.close()
    else this.#channel?.refuse(errorCode(error) === 'pairing-timed-out' ? 'timed-out' : 'declined')
    this.#ended.abort(error instanceof Error ? error : new AppError('cancelled', 'The pairing has ended.'))
  }

  #change(part: Partial<PairingView>): void {
    this.#view = { ...this.#view, ...part }
    this.#onChange()
  }
}
