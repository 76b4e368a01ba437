/** The thread that parses and validates long bodies. This may take seconds and must not block the node's event loop. */
import { parentPort } from 'node:worker_threads'
import { AppError } from '../../shared/app-error.ts'
import { toApiError } from '../to-api-error.ts'
import type { BodyCommand, BodyReport } from './body-message.ts'
import { bodyRoutes } from './body-routes.ts'
import { checkBody } from './check-body.ts'

const port = parentPort
if (!port) throw new AppError('internal', 'This file is the entry of a worker thread.')
const routes = bodyRoutes()

port.on('message', ({ bodyId, path, model, json }: BodyCommand) => {
  const report = (message: BodyReport): void => port.postMessage(message)
  try {
    report({ bodyId, ...checkBody(Buffer.from(json.buffer, json.byteOffset, json.byteLength), routes.get(path), model) })
  } catch (error) {
    const { status, code, message, param } = toApiError(error)
    report({ bodyId, failure: { status, code, message, param } })
  }
})
