// Prints the Python that has mlx-lm and the openai client; makes it first where it is missing.
import { pythonEnvironment } from './python-environment.mjs'

process.stdout.write(`${await pythonEnvironment()}\n`)
