import { describe, expect, it } from 'vitest'
import { isForBrowser, isOwnFrame, isOwnPage } from './page-policy.ts'

const apiUrl = 'http://127.0.0.1:8080'

describe('isOwnPage', () => {
  it.each(['exo-app://popover/', 'exo-app://popover/index.html', `${apiUrl}/dashboard`, `${apiUrl}/dashboard/#/chat`])('takes %s', (url) =>
    expect(isOwnPage(url, apiUrl)).toBe(true),
  )
  it.each([
    'http://127.0.0.1:8081/dashboard',
    'http://localhost:8080/dashboard',
    `${apiUrl}/openapi.json`,
    `${apiUrl}/dashboard/assets/a.html`,
    'exo-app://other/',
    'https://exo.example',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'about:blank',
    '',
  ])('refuses %s', (url) => expect(isOwnPage(url, apiUrl)).toBe(false))
  it('takes nothing of a node that does not run', () => expect(isOwnPage(`${apiUrl}/dashboard`, null)).toBe(false))
})

describe('isOwnFrame', () => {
  it('takes the frame of the diagrams, and nothing else', () => {
    expect(isOwnFrame(`${apiUrl}/dashboard/diagrams`, apiUrl)).toBe(true)
    for (const url of [`${apiUrl}/dashboard`, 'http://127.0.0.1:8081/dashboard/diagrams', 'https://exo.example', 'about:blank', ''])
      expect(isOwnFrame(url, apiUrl), url).toBe(false)
    expect(isOwnFrame(`${apiUrl}/dashboard/diagrams`, null)).toBe(false)
  })
})

describe('isForBrowser', () => {
  it.each(['https://example.com/a', `${apiUrl}/openapi.json`])('takes %s', (url) => expect(isForBrowser(url, apiUrl)).toBe(true))
  it.each(['http://example.com', 'file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'exo-app://popover/', 'no address'])(
    'refuses %s',
    (url) => expect(isForBrowser(url, apiUrl)).toBe(false),
  )
})
