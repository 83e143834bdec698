import { useEffect, useState } from 'react'
import { clockNow } from '../format'
import type { Translate } from '../i18n'

/** The core's present time, read again every `ms`; for countdowns. */
export function useNow(ms = 1000): number {
  const [now, setNow] = useState(clockNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(clockNow()), ms)
    return () => clearInterval(timer)
  }, [ms])
  return now
}

/** Whole seconds until a moment, never below zero. */
export function secondsUntil(at: string | null, now: number): number {
  return at === null ? 0 : Math.max(0, Math.ceil((new Date(at).getTime() - now) / 1000))
}

const two = (n: number) => String(n).padStart(2, '0')

/** 00:41:20, or 01:12 below an hour. */
export function clockText(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  return h > 0 ? `${two(h)}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`
}

/** A span somebody set: whole minutes and hours without the seconds nobody asked for. */
export function spanText(t: Translate, seconds: number): string {
  if (seconds % 3600 === 0 && seconds > 0) return t('span.hours', { n: seconds / 3600 })
  if (seconds % 60 === 0 && seconds > 0) return t('span.minutes', { n: seconds / 60 })
  return t('span.seconds', { n: seconds })
}
