import { cleanup, render } from '@testing-library/react'
import userEvent, { type UserEvent } from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { createApiClient } from '../../client/api-client.ts'
import type { Host } from '../../client/host.ts'
import type { ChatController } from '../../features/chat/conversation/chat-controller.ts'
import { ApiProvider, type Services, ServicesProvider } from '../services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'

/** A request that a component sent to the node: `POST /settings`, and its JSON body. */
export interface SentRequest {
  readonly route: string
  readonly body: unknown
}

/** What the node answers, by route such as `GET /settings`: a status and a JSON body. A function sees the request's body. */
export type NodeAnswers = Readonly<Record<string, unknown>>

export interface RenderedView {
  readonly user: UserEvent
  readonly sent: SentRequest[]
}

/** An error body as the API sends it. */
export const refusal = (status: number, code: string, message: string): Refusal => new Refusal(status, code, message)

class Refusal {
  readonly status: number
  readonly body: unknown
  constructor(status: number, code: string, message: string) {
    this.status = status
    this.body = { error: { message, type: 'invalid_request_error', param: null, code } }
  }
}

/** Renders a component with the page's own API client in front of a node that answers as told. Routes without an answer are 404. */
export function renderView(view: ReactNode, answers: NodeAnswers = {}, given: Partial<Services> = {}): RenderedView {
  const sent: SentRequest[] = []
  const api = createApiClient({
    apiUrl: 'http://node.test',
    token: () => null,
    fetch: (url, init) => {
      const route = `${init?.method ?? 'GET'} ${(url as string).slice('http://node.test'.length)}`
      sent.push({ route, body: typeof init?.body === 'string' ? JSON.parse(init.body) : null })
      const answer = answers[route] ?? refusal(404, 'not-found', `Nothing answers ${route}.`)
      return Promise.resolve(
        answer instanceof Refusal ? Response.json(answer.body, { status: answer.status }) : Response.json(answer, { status: 200 }),
      )
    },
  })
  const services = { api, host: {} as Host, chat: {} as ChatController, retryConnection: vi.fn(), ...given }
  render(
    <ServicesProvider value={services}>
      <ApiProvider value={api}>{view}</ApiProvider>
    </ServicesProvider>,
  )
  return { user: userEvent.setup(), sent }
}

const initialState = useClusterStore.getInitialState()

/** For `afterEach`: the next test starts with an empty page and an empty store. */
export function clearView(): void {
  cleanup()
  useClusterStore.setState(initialState, true)
}
