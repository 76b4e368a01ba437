/** How a process ended; one of the two is set. */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: string | null
}

/** A child process with a message channel: a common interface for Node's `fork` and Electron's `utilityProcess.fork`. */
export interface SpawnedProcess {
  /** null until the system has started it. */
  processId(): number | null
  /** Rejects when the channel is closed. */
  send(message: unknown): Promise<void>
  onMessage(listener: (message: unknown) => void): void
  /** Complete or partial lines of its stderr. */
  onStderr(listener: (text: string) => void): void
  onStdout(listener: (text: string) => void): void
  /** Called exactly once, also if the process could not be started. */
  onExit(listener: (exit: ProcessExit) => void): void
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface SpawnOptions {
  /** The module to run. */
  readonly entry: string
  readonly arguments: readonly string[]
  /** Added to this process's own environment, without MLX's variables (`childEnvironment`). */
  readonly environment: Readonly<Record<string, string>>
}

export type SpawnProcess = (options: SpawnOptions) => SpawnedProcess
