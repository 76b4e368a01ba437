// Prints the path of a Python with mlx-lm and the openai client, and creates its environment if it is missing.
import { pythonEnvironment } from './python-environment.mjs'

process.stdout.write(`${await pythonEnvironment()}\n`)
