import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

// A loaded machine needs longer than the default second to load a lazy page.
configure({ asyncUtilTimeout: 8000 })

// jsdom has no layout and no media queries; the components ask for both.
globalThis.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
  addListener: () => {},
  removeListener: () => {},
  onchange: null,
  dispatchEvent: () => false,
})) as unknown as typeof globalThis.matchMedia
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
} as unknown as typeof ResizeObserver

afterEach(() => {
  cleanup()
  localStorage.clear()
  window.location.hash = ''
})
