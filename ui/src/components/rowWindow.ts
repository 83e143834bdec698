/**
 * Which rows of a long list are in view, for fixed row heights. A browser draws no element higher than
 * some 17 to 33 million pixels, and a million rows are 35 million: above `heightMax` the scroll range
 * is scaled. A wheel or key step still moves by its own pixels; only a drag or a click of the scroll
 * bar is multiplied. Rows keep their place under the eye while the bar is brought back to where it
 * belongs.
 */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { flushSync } from 'react-dom'

/** Height of the sticky head inside the scroller. */
const headHeight = 31
const heightMax = 8_000_000
const overscan = 6
/** Nothing above this many rows is ever in the document. */
const rowsMax = 60

const scrollTo = (element: HTMLElement, top: number) => {
  element.scrollTop = top
}

type View = { top: number; scroll: number }

export type RowWindow = {
  first: number
  last: number
  /** Where a row lies inside the scrolled element. */
  y: (index: number) => number
  /** Height of the scrolled element. */
  height: number
  reveal: (index: number) => void
}

export function useRowWindow(count: number, scroller: RefObject<HTMLDivElement | null>, rowHeight: number): RowWindow {
  // A test environment without layout gets a plain window's height.
  const [viewport, setViewport] = useState(700)
  const [view, setView] = useState<View>({ top: 0, scroll: 0 })
  const now = useRef(view)
  const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const logical = count * rowHeight
  const height = Math.min(logical, heightMax)
  const topMax = Math.max(0, logical + headHeight - viewport)
  const scrollMax = Math.max(0, height + headHeight - viewport)
  const scale = scrollMax === 0 ? 1 : topMax / scrollMax

  const place = useCallback((next: View) => {
    if (next.top === now.current.top && next.scroll === now.current.scroll) return
    now.current = next
    setView(next)
  }, [])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const measure = () => setViewport(element.clientHeight === 0 ? 700 : element.clientHeight)
    measure()
    if (typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])

  // Puts the scroll bar where the rows are; the rows do not move.
  const align = useCallback(() => {
    const element = scroller.current
    if (element === null || scale === 1) return
    const scroll = Math.round(now.current.top / scale)
    if (Math.abs(scroll - now.current.scroll) <= 1) return
    scrollTo(element, scroll)
    flushSync(() => place({ top: now.current.top, scroll: element.scrollTop }))
  }, [place, scale, scroller])

  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const follow = () => {
      const scroll = element.scrollTop
      const { top, scroll: before } = now.current
      const step = scroll - before
      if (step === 0) return
      if (scale === 1) {
        place({ top: scroll, scroll })
        return
      }
      const small = Math.abs(step) <= viewport
      if (!small || (scroll <= 0 && top < 3 * viewport)) place({ top: Math.min(topMax, Math.round(scroll * scale)), scroll })
      else if (scroll >= scrollMax - 1 && top > topMax - 3 * viewport) place({ top: topMax, scroll })
      else place({ top: Math.max(0, Math.min(topMax, top + step)), scroll })
      clearTimeout(settle.current)
      if (small && (scroll < viewport || scroll > scrollMax - viewport)) align()
      else settle.current = setTimeout(align, 140)
    }
    element.addEventListener('scroll', follow, { passive: true })
    return () => {
      element.removeEventListener('scroll', follow)
      clearTimeout(settle.current)
    }
  }, [align, place, scale, scroller, scrollMax, topMax, viewport])

  // A list that became shorter has no rows where it was.
  useLayoutEffect(() => {
    if (now.current.top > topMax) place({ top: topMax, scroll: Math.round(topMax / scale) })
  }, [place, scale, topMax])

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current
      const rowTop = index * rowHeight
      const space = viewport - headHeight
      const { top } = now.current
      let next = top
      if (rowTop < top) next = rowTop
      else if (rowTop + rowHeight > top + space) next = rowTop + rowHeight - space
      next = Math.max(0, Math.min(topMax, next))
      if (next === top) return
      const scroll = Math.round(next / scale)
      if (element !== null) scrollTo(element, scroll)
      place({ top: next, scroll: element === null ? scroll : element.scrollTop })
    },
    [place, rowHeight, scale, scroller, topMax, viewport],
  )

  const shown = Math.ceil((viewport - headHeight) / rowHeight)
  const first = Math.max(0, Math.floor(view.top / rowHeight) - overscan)
  const last = Math.min(count - 1, first + Math.min(rowsMax, shown + 2 * overscan) - 1)
  const { top, scroll } = view
  return useMemo(
    () => ({ first, last, y: (index: number) => scroll + (index * rowHeight - top), height, reveal }),
    [first, last, top, scroll, height, reveal, rowHeight],
  )
}
