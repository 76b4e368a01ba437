import type { Socket } from 'node:net'
import { ApiError, errorBody } from '../api-error.ts'

const REASONS: Readonly<Record<string, readonly [status: number, title: string, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers_too_large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'request_timeout', 'The request took too long to arrive.'],
}

/** Answers what is no HTTP request, which no route sees, in the shape of OpenAI's errors. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, title, code, message] = REASONS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'invalid_http',
    'This is not a valid HTTP request.',
  ]
  const body = JSON.stringify(errorBody(new ApiError(status, code, message)))
  const headers = ['content-type: application/json; charset=utf-8', `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
  socket.end([`HTTP/1.1 ${status} ${title}`, ...headers, '', body].join('\r\n'))
}
