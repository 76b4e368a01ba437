import { SlowGuesses } from '../../domain/admission/slow-guesses.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import { keepLatest } from '../../shared/keep-latest.ts'
import { unmapAddress } from '../../shared/addresses/unmap-address.ts'
import { ApiError } from '../api-error.ts'

const MOST_REMEMBERED = 1024

export interface TokenGuessesOptions {
  readonly timers: { now(): number }
  readonly log: { warn(message: string, fields: Record<string, unknown>): void }
}

/** Delays addresses that try wrong tokens. Programs on this machine are not delayed, because they could get the token in other ways. */
export class TokenGuesses {
  readonly #options: TokenGuessesOptions
  readonly #guesses = new SlowGuesses()
  /** The last wrong token of each address, as a hash: a program that keeps using an outdated token is not guessing. */
  readonly #last = new Map<string, string>()

  constructor(options: TokenGuessesOptions) {
    this.#options = options
  }

  /**
   * While an address is delayed, none of its tokens is checked, not even the right one, because the answer would tell
   * them apart.
   *
   * @throws ApiError 429
   */
  refuseTooEarly(address: string): void {
    const waitMs = isOwn(address) ? 0 : this.#guesses.waitMs(address, this.#options.timers.now())
    if (waitMs > 0)
      throw new ApiError(429, 'too_many_wrong_tokens', 'Too many wrong tokens from this address. Try again later with the right token.', {
        retryAfterS: Math.ceil(waitMs / 1000),
      })
  }

  /** @param digest - hash of the wrong token */
  missed(address: string, digest: string): void {
    if (isOwn(address) || this.#last.get(address) === digest) return
    this.#last.delete(address)
    this.#last.set(address, digest)
    keepLatest(this.#last, MOST_REMEMBERED)
    const { timers, log } = this.#options
    log.warn('wrong API token', { address, misses: this.#guesses.missed(address, timers.now()) })
  }

  /** Called when the address has sent a valid token: guesses of other addresses of its network do not delay it. */
  proven(address: string): void {
    this.#guesses.proven(address)
  }

  /** Called when the address has sent the node's own token. */
  forgive(address: string): void {
    this.#guesses.forgive(address)
    this.#last.delete(address)
  }
}

function isOwn(address: string): boolean {
  return isLoopbackHost(unmapAddress(address))
}
