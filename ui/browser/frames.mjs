/** How often a page draws while something moves, and how a list is driven. */

const sorted = (times) => times.toSorted((a, b) => a - b)
export const at = (times, share) => sorted(times)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
export const median = (times) => at(times, 0.5)
export const ms = (time) => (time === undefined || Number.isNaN(time) ? '—' : time.toFixed(1))

/** Frame times while something scrolls: the gaps between animation frames, and the main thread's long tasks. */
export async function frames(page, name, seconds, drive) {
  await page.evaluate(() => {
    globalThis.zfFrames = []
    globalThis.zfLong = []
    globalThis.zfWatch ??= new PerformanceObserver((list) => globalThis.zfLong.push(...list.getEntries().map((e) => e.duration)))
    globalThis.zfWatch.observe({ type: 'longtask' })
    globalThis.zfStop = false
    const note = (now) => {
      globalThis.zfFrames.push(now)
      if (!globalThis.zfStop) requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
  })
  await drive(seconds)
  const { stamps, long } = await page.evaluate(() => {
    globalThis.zfStop = true
    return { stamps: globalThis.zfFrames, long: globalThis.zfLong }
  })
  const gaps = stamps.slice(1).map((now, i) => now - stamps[i])
  // A frame is late when the next refresh (1/60 s, and half again for jitter) passed without it.
  const late = gaps.filter((gap) => gap > 16.7).length
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0)
  return { name, gaps, late, dropped, long }
}

/** Turns the wheel over what lies under the pointer: 2 400 pixels a second. */
export async function wheel(page, seconds) {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    await page.mouse.wheel(0, 120)
    await page.waitForTimeout(50)
  }
}

/** Holds a key down as a keyboard repeats it: 30 times a second. */
export async function hold(page, key, seconds) {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    await page.keyboard.down(key)
    await page.waitForTimeout(33)
  }
  await page.keyboard.up(key)
}

export const reported = []
export function report(log) {
  reported.push(...log.gaps.map((gap, i) => `${log.name},${i},${gap.toFixed(2)}`))
  return `| ${log.name} | ${log.gaps.length} | ${ms(median(log.gaps))} | ${ms(at(log.gaps, 0.95))} | ${ms(Math.max(...log.gaps))} | ${log.late} | ${log.dropped} | ${log.long.length} |`
}

