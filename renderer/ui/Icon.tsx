import type { ReactNode } from 'react'

const paths = {
  chat: 'M4 5h16v11H9l-5 4z',
  cluster: 'M12 3v6M12 9l-6 6M12 9l6 6M9.5 3h5v4h-5zM3.5 15h5v5h-5zM15.5 15h5v5h-5z',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  connect: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  activity: 'M12 3v9l5 3M4 12a8 8 0 1 0 16 0 8 8 0 1 0-16 0',
  sidebar: 'M4 5h16v14H4zM10 5v14',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20',
  instances: 'M4 5h16M4 10h10M4 15h16M4 20h7',
  memory: 'M6 6h12v12H6zM9 2v4M15 2v4M9 18v4M15 18v4M2 9h4M2 15h4M18 9h4M18 15h4',
  throughput: 'M3 17l5-6 4 4 8-10M15 5h5v5',
  rdma: 'M4 4h16v16H4zM4 9.3h16M4 14.6h16M9.3 4v16M14.6 4v16',
  history: 'M12 7v5l3.5 2M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5',
  diagnostics: 'M3 12h4l2.5-7 5 14 2.5-7h4',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'M4 12.5l5 5L20 6.5',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  plus: 'M12 5v14M5 12h14',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  edit: 'M4 20l1-5L16 4l4 4L9 19z',
  again: 'M20 11A8 8 0 1 0 18 17M20 5v6h-6',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  close: 'M6 6l12 12M18 6L6 18',
  chevron: 'M6 9l6 6 6-6',
  down: 'M12 5v14M6 13l6 6 6-6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  list: 'M4 6h16M4 12h16M4 18h16',
  attach: 'M19 11.5l-7.5 7.3a4.6 4.6 0 0 1-6.5-6.5l8.3-8a3 3 0 0 1 4.3 4.3l-8 7.8a1.4 1.4 0 0 1-2-2l7-6.8',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  speak: 'M4 10v4h4l5 4V6l-5 4zM16 9.5a3.5 3.5 0 0 1 0 5M18.5 7a7 7 0 0 1 0 10',
  microphone: 'M12 4a3 3 0 0 0-3 3v4a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4',
  compare: 'M4 5h16v14H4zM12 5v14',
  heat: 'M4 6h7v4H4zM13 6h7v4h-7zM4 14h4v4H4zM10 14h10v4H10z',
  power: 'M12 4v8M7.5 6.5a7.5 7.5 0 1 0 9 0',
} as const
export type IconName = keyof typeof paths

/** A decorative icon beside text, hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
