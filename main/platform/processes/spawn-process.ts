/** How a process ended; one of the two is set. */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: string | null
}

/** A child process with a message channel: Node's `fork` and Electron's `utilityProcess.fork` behind one face. */
export interface SpawnedProcess {
  /** null until the system has started it. */
  processId(): number | null
  /** Rejects when the channel is closed. */
  send(message: unknown): Promise<void>
  onMessage(listener: (message: unknown) => void): void
  /** Whole or part lines of its stderr. */
  onStderr(listener: (text: string) => void): void
  onStdout(listener: (text: string) => void): void
  /** Called once, also when the process could not be started at all. */
  onExit(listener: (exit: ProcessExit) => void): void
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface SpawnOptions {
  /** The module that the process runs. */
  readonly entry: string
  readonly arguments: readonly string[]
  /** Added to what this process itself has, MLX's variables excepted (`childEnvironment`). */
  readonly environment: Readonly<Record<string, string>>
}

export type SpawnProcess = (options: SpawnOptions) => SpawnedProcess
