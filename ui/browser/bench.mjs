/**
 * The console's part of `make bench`: a frame log over a scripted scroll of a million orders, and the
 * times a person feels, on the machine it runs on.
 *
 *   node browser/bench.mjs [--home DIR] [--orders-bench PROGRAM] [--orders 1000000] [--window PROGRAM] [--rounds 7]
 *
 * Without --home a demonstration is made; with --orders-bench its store is filled with invented orders
 * first (zf-store's example). --window also measures the desktop window's start, on a screen of its own.
 * Times are medians; nothing is asserted. The frame log goes to tests/output/bench/frames.csv.
 */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Desk, program, root } from './console.mjs'
import { at, frames, hold, median, ms, report, reported, wheel } from './frames.mjs'
import { call, launch, navigation, open, settle, visit } from './pages.mjs'

const args = process.argv.slice(2)
const option = (name, fallback) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : fallback)
const rounds = Number(option('rounds', '7'))
const out = join(root, 'tests/output/bench')
mkdirSync(out, { recursive: true })

const rows = []
const row = (what, times, target = '') => rows.push(`| ${what} | ${ms(median(times))} | ${ms(at(times, 0.95))} | ${times.length} | ${target} |`)

/** What a page needs to time itself: the moment after the next paint. */
const timing = () => {
  globalThis.zfPainted = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel()
        channel.port1.addEventListener('message', () => resolve(performance.now()))
        channel.port1.start()
        channel.port2.postMessage(null)
      })
    })
  /** Waits frame by frame until something holds and is painted; gives when. */
  globalThis.zfUntil = async (holds, patience = 20_000) => {
    const end = performance.now() + patience
    while (performance.now() < end) {
      if (holds()) return globalThis.zfPainted()
      await new Promise((resolve) => {
        requestAnimationFrame(resolve)
      })
    }
    throw new Error(`waited in vain at ${location.hash}: ${holds}; busy: ${[...document.querySelectorAll('.zf-skeleton, [aria-busy="true"]')].map((e) => e.outerHTML.slice(0, 160)).join(' ')}`)
  }
  globalThis.zfReady = (page) => () =>
    document.querySelector(`[data-testid="${page}"]`) !== null && document.querySelector('.zf-skeleton, [aria-busy="true"]') === null && document.querySelector('.zf-main .zf-page') !== null
}

/** From a real key press to the paint after `holds` (a function of the page) is true. */
async function keyToPaint(page, key, holds, argument) {
  // The condition goes into the source: the page's policy allows no `new Function`.
  const measured = page.evaluate(`new Promise((resolve, reject) => {
    // Chromium stamps a key press when it reaches the browser, before any script.
    addEventListener('keydown', (event) => {
      globalThis.zfUntil(() => (${holds})(${JSON.stringify(argument ?? null)})).then((painted) => resolve(painted - event.timeStamp), reject)
    }, { once: true, capture: true })
  })`)
  // Awaited below; until then its failure is nobody's.
  measured.catch(() => {})
  await page.waitForTimeout(30)
  await page.keyboard.press(key)
  return measured
}

const sum = (files, of) => Math.round(files.reduce((total, file) => total + of(file), 0) / 1024)

/** Bytes the first page load needs, and what comes only with its page. */
function bundle() {
  const dist = join(root, 'ui/dist')
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((m) => m[1])
  const size = (file) => statSync(join(dist, file)).size
  const packed = (file) => gzipSync(readFileSync(join(dist, file))).length
  const later = readdirSync(join(dist, 'assets'))
    .filter((file) => file.endsWith('.js') && !first.includes(`assets/${file}`))
    .map((file) => `assets/${file}`)
  const pages = later.filter((file) => /Page-/.test(file)).toSorted((a, b) => size(b) - size(a))
  return [
    `First load: ${first.length} scripts, ${sum(first, size)} KB (${sum(first, packed)} KB gzipped). Only with their page: ${later.length} scripts, ${sum(later, size)} KB.`,
    `Pages: ${pages.map((file) => `${file.replace(/assets\/(\w+)-.*/, '$1')} ${Math.round(size(file) / 1024)} KB`).join(', ')}.`,
  ]
}

/** Start of the desktop window on a screen of its own: until the sign-in button's colour is on it. */
async function windowStart(window, home) {
  const folder = mkdtempSync(join(os.tmpdir(), 'zf-screen-'))
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-fbdir', folder], { stdio: ['ignore', 'pipe', 'ignore'] })
  const display = await new Promise((resolve) => {
    screen.stdout.once('data', (bytes) => resolve(`:${String(bytes).trim()}`))
  })
  const env = { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_RUNTIME_DIR: folder }
  delete env.WAYLAND_DISPLAY
  const times = []
  const pixels = Buffer.alloc(1600 * 1000 * 4)
  const painted = () => {
    const file = openSync(join(folder, 'Xvfb_screen0'), 'r')
    const head = Buffer.alloc(4)
    readSync(file, head, 0, 4, 0)
    // XWD: the header, then 256 colours of 12 bytes.
    readSync(file, pixels, 0, pixels.length, head.readUInt32BE(0) + 256 * 12)
    closeSync(file)
    let found = 0
    // #1F4E9E, little-endian BGRX.
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i] === 0x9e && pixels[i + 1] === 0x4e && pixels[i + 2] === 0x1f) found += 1
    return found > 3000
  }
  try {
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now()
      const child = spawn(window, ['--home', home], { env, stdio: 'ignore' })
      const ended = new Promise((resolve) => {
        child.once('exit', resolve)
      })
      while (!painted()) {
        if (performance.now() - started > 60_000) throw new Error('the window did not show its sign-in page')
        await new Promise((resolve) => {
          setTimeout(resolve, 15)
        })
      }
      times.push(performance.now() - started)
      child.kill()
      await ended
      await new Promise((resolve) => {
        setTimeout(resolve, 400)
      })
    }
  } finally {
    screen.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return times
}

const desk = new Desk()
const given = option('home', null)
if (given !== null) desk.home = given
const filler = option('orders-bench', null)
const orders = option('orders', '1000000')
let browser
try {
  if (given === null) {
    console.log('▸ a demonstration')
    await desk.demo()
    if (filler !== null) {
      console.log(`▸ ${orders} invented orders`)
      execFileSync(filler, ['--orders', orders, '--db', join(desk.home, 'desk.db'), '--fill-only'], { stdio: 'inherit' })
    }
  }
  const served = performance.now()
  await desk.serve()
  const ready = performance.now() - served
  browser = await launch()

  // Start to usable: from the address to a sign-in page that takes a name.
  const doors = []
  for (let i = 0; i < rounds; i += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.addInitScript(timing)
    const started = performance.now()
    await page.goto(desk.url, { waitUntil: 'commit' })
    await page.evaluate(() => globalThis.zfUntil(() => document.querySelector('[data-testid=login]') !== null))
    doors.push(performance.now() - started)
    await context.close()
  }
  row('address → sign-in takes a name, empty cache', doors, '< 1000 with the start')

  const page = await open(browser, desk.url, { role: 'clerk' })
  await page.evaluate(timing)
  const pages = await navigation(page)
  const first = new Map()
  for (const { name, path } of [...pages, ...pages]) {
    const key = first.has(name) ? `${name} again` : name
    await settle(page)
    const time = () =>
      page.evaluate(async ([to, id]) => {
        const from = performance.now()
        location.hash = `#${to}`
        return (await globalThis.zfUntil(globalThis.zfReady(id))) - from
      }, [path, `page-${path === '/' ? 'desk' : path.slice(1)}`])
    first.set(key, [...(first.get(key) ?? []), await time()])
  }
  for (let i = 0; i < rounds - 1; i += 1) {
    for (const { name, path } of pages) {
      await settle(page)
      first.get(`${name} again`).push(
        await page.evaluate(async ([to, id]) => {
          const from = performance.now()
          location.hash = `#${to}`
          return (await globalThis.zfUntil(globalThis.zfReady(id))) - from
        }, [path, `page-${path === '/' ? 'desk' : path.slice(1)}`]),
      )
    }
  }

  await visit(page, '/orders')
  await page.waitForSelector('[data-testid=orders-grid] [data-testid=row]')
  const selected = `document.querySelector('[data-testid=orders-grid] [role=grid]').getAttribute('aria-activedescendant')`
  const moves = []
  for (let i = 0; i < rounds * 3; i += 1) {
    const was = await page.evaluate(selected)
    moves.push(await keyToPaint(page, 'j', (given) => document.querySelector('[data-testid=orders-grid] [role=grid]').getAttribute('aria-activedescendant') !== given, was))
  }
  row('key J → row under the cursor painted', moves, '≤ 50')

  const palettes = []
  for (let i = 0; i < rounds; i += 1) {
    palettes.push(await keyToPaint(page, 'Control+k', () => document.querySelector('[data-testid=palette-input]') !== null))
    await page.keyboard.press('Escape')
    await page.waitForSelector('[data-testid=palette]', { state: 'detached' })
    await settle(page)
  }
  row('Ctrl K → palette painted', palettes, '≤ 50')

  const searches = []
  const number = await page.evaluate(() => document.querySelector('[data-testid=orders-grid] [data-testid=row]').innerText.split('\n').find((part) => /^[A-Z0-9_-]{10,32}$/.test(part.trim())))
  const field = page.locator('input[data-testid=orders-search], [data-testid=orders-search] input').first()
  for (let i = 0; i < rounds; i += 1) {
    // One sign too many finds nothing; taking it away finds the order.
    await field.fill(`${number.trim()}9`)
    await page.waitForFunction(() => document.querySelector('[data-testid=orders-grid] [data-testid=row]') === null)
    await settle(page)
    searches.push(await keyToPaint(page, 'Backspace', () => document.querySelectorAll('[data-testid=orders-grid] [data-testid=row]').length === 1))
    await field.fill('')
    await settle(page)
  }
  row('last key of a search → its row painted (80 of it is the pause for typing)', searches, '≤ 180')

  // Cancel of long work: an export of every order, stopped from the status bar.
  const cancels = []
  const everyOrder = { kind: 'orders', text: null, account_id: null, states: [], date_from: null, date_to: null, amount_min_minor: null, amount_max_minor: null, cursor: null, limit: 200 }
  for (let i = 0; i < rounds; i += 1) {
    await call(page.context(), desk.url, 'exports.start', { source: everyOrder, format: 'csv', language: 'zh', negative: 'minus' })
    if (i === 0) await page.locator('[data-testid=task]').click()
    const ended = '[data-testid=task-ended][data-state=cancelled]'
    const before = await page.locator(ended).count()
    await page.waitForSelector('[data-testid=cancel-work]')
    const measured = page.evaluate(
      ([of, many]) =>
        new Promise((resolve, reject) => {
          addEventListener(
            'pointerdown',
            (event) => {
              globalThis.zfUntil(() => document.querySelectorAll(of).length > many || document.querySelector('[data-testid=cancel-work]') === null).then((painted) => resolve(painted - event.timeStamp), reject)
            },
            { once: true, capture: true },
          )
        }),
      [ended, before],
    )
    measured.catch(() => {})
    await page.locator('[data-testid=cancel-work]').click()
    cancels.push(await measured)
    await settle(page)
  }
  await page.keyboard.press('Escape')
  row('cancel of a running export → shown as cancelled', cancels, '≤ 100')

  for (const { name } of pages) row(`page ${name}, first time`, first.get(name), '')
  for (const { name } of pages) row(`page ${name}, again`, first.get(`${name} again`), '≤ 100')

  // The scroll.
  await page.evaluate(() => document.activeElement?.blur())
  await visit(page, '/orders')
  const total = await page.evaluate(() => document.querySelector('[data-testid=orders-grid] [role=grid]').getAttribute('aria-rowcount'))
  const box = await page.locator('[data-testid=orders-grid] [role=grid]').boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const logs = []
  logs.push(
    await frames(page, 'wheel, 2 400 px/s', 15, (seconds) => wheel(page, seconds)),
  )
  logs.push(await frames(page, 'J held, 30/s', 10, (seconds) => hold(page, 'j', seconds)))
  logs.push(
    await frames(page, 'scroll bar from first to last', 10, (seconds) =>
      page.evaluate(async (long) => {
        const grid = document.querySelector('[data-testid=orders-grid] [role=grid]')
        const from = performance.now()
        for (;;) {
          const share = (performance.now() - from) / (long * 1000)
          if (share >= 1) return
          grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight)
          await new Promise((resolve) => {
            requestAnimationFrame(resolve)
          })
        }
      }, seconds),
    ),
  )
  const shown = await page.evaluate(() => document.querySelectorAll('[data-testid=orders-grid] [data-testid=row]').length)
  const idle = await frames(page, 'nothing (the machine by itself)', 5, (seconds) => page.waitForTimeout(seconds * 1000))
  const lines = [...logs, idle].map(report)
  const chromium = browser.version()

  const windowTimes = option('window', null) === null ? null : []
  if (windowTimes !== null) {
    await desk.stop()
    windowTimes.push(...(await windowStart(option('window'), desk.home)))
    row('window: start → sign-in painted', windowTimes, '< 1000')
  }

  const cpu = os.cpus()[0]?.model ?? 'unknown processor'
  const text = [
    '## The console',
    '',
    `${cpu}, ${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}, ${Math.round(os.totalmem() / 2 ** 30)} GB; ${os.type()} ${os.release()}; Chromium ${chromium} without a GPU (drawn by the processor); ${program().includes('release') ? 'release' : 'debug'} build; ${new Date().toISOString().slice(0, 10)}.`,
    `\`zf console\` serves ${ms(ready)} ms after its start.`,
    '',
    `Scrolling ${Number(total) - 1} orders; ${shown} rows in the document.`,
    '',
    '| scroll | frames | p50 ms | p95 ms | max ms | over 16.7 ms | dropped | tasks over 50 ms |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    '| what | median ms | p95 ms | times | wanted |',
    '|---|---:|---:|---:|---|',
    ...rows,
    '',
    ...bundle(),
    '',
  ].join('\n')
  writeFileSync(join(out, 'console.md'), text)
  writeFileSync(join(out, 'frames.csv'), `scroll,frame,ms\n${reported.join('\n')}\n`)
  console.log(text)
} finally {
  await browser?.close()
  await desk.stop()
  if (given === null) await desk.close()
}
