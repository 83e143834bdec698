/**
 * The differences of a day of ten million bill lines, scrolled in a real console: part of `make bench`.
 *
 *   node browser/bench-differences.mjs --recon-bench PROGRAM [--home DIR] [--lines 10000000] [--seconds 10]
 *
 * Without --home a demonstration is made. Its store is filled by zf-store's example `recon_bench` (some
 * 7 GB at ten million lines; removed with the home unless --home named it). Beside the list the frames of
 * a page where nothing moves are logged, before and after: without a GPU the machine itself drops some.
 * Nothing is asserted. Frames go to tests/output/bench/differences.csv, the table to differences.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { Desk, program, root } from './console.mjs'
import { at, frames, hold, median, ms, report, reported, wheel } from './frames.mjs'
import { call, launch, open, settle, visit } from './pages.mjs'

const args = process.argv.slice(2)
const option = (name, fallback) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : fallback)
const out = join(root, 'tests/output/bench')
mkdirSync(out, { recursive: true })
const seconds = Number(option('seconds', '10'))
const lines = option('lines', '10000000')
const interval = 1000 / 60

const desk = new Desk()
const given = option('home', null)
if (given !== null) desk.home = given
const filler = option('recon-bench', null)
let browser
try {
  if (given === null) {
    console.log('▸ a demonstration')
    await desk.demo()
  }
  if (filler !== null) {
    console.log(`▸ ${lines} invented bill lines`)
    execFileSync(filler, ['--lines', lines, '--db', join(desk.home, 'desk.db'), '--fill-only'], { stdio: 'inherit' })
  }
  await desk.serve()
  browser = await launch()

  const page = await open(browser, desk.url, { role: 'clerk' })
  const { accounts } = await call(page.context(), desk.url, 'app.status')
  const account = accounts[0].account_id
  // The day recon_bench fills is the one before the first the demonstration has a bill of.
  const day = await biggestDay(page.context(), account)
  const idle = async (name) => {
    await visit(page, '/settings')
    return frames(page, name, seconds, () => page.waitForTimeout(seconds * 1000))
  }
  const logs = [await idle('a page at rest, before')]
  await visit(page, `/recon?account=${account}&day=${day}`)
  await page.waitForSelector('[data-testid=differences] [data-testid=row]')
  await settle(page)
  const total = await page.evaluate(() => document.querySelector('[data-testid=differences] [role=grid]').getAttribute('aria-rowcount'))
  const box = await page.locator('[data-testid=differences] [role=grid]').boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  logs.push(await frames(page, 'differences, wheel, 2 400 px/s', seconds, () => wheel(page, seconds)))
  const wheeled = await page.evaluate(() => Math.round(document.querySelector('[data-testid=differences] [role=grid]').scrollTop))
  await settle(page)
  await page.keyboard.press('Home')
  await settle(page)
  logs.push(await frames(page, 'differences, J held, 30/s', seconds, () => hold(page, 'j', seconds)))
  const at30 = await page.evaluate(() => {
    const grid = document.querySelector('[data-testid=differences] [role=grid]')
    return Number(document.getElementById(grid.getAttribute('aria-activedescendant'))?.getAttribute('aria-rowindex') ?? 0)
  })
  await settle(page)
  const shown = await page.evaluate(() => document.querySelectorAll('[data-testid=differences] [data-testid=row]').length)
  logs.push(await idle('a page at rest, after'))

  const rest = [logs[0], logs.at(-1)].flatMap((log) => log.gaps)
  const table = logs.map((log) => {
    report(log)
    const slow = log.gaps.filter((gap) => gap > 2 * interval).length
    return `| ${log.name} | ${log.gaps.length} | ${ms(median(log.gaps))} | ${ms(at(log.gaps, 0.95))} | ${ms(at(log.gaps, 0.99))} | ${ms(Math.max(...log.gaps))} | ${slow} | ${log.long.length} | ${(at(log.gaps, 0.95) / at(rest, 0.95)).toFixed(2)} |`
  })
  const text = [
    '## The differences of a big day',
    '',
    `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}; Chromium ${browser.version()} without a GPU (drawn by the processor); ${program().includes('release') ? 'release' : 'debug'} build; ${new Date().toISOString().slice(0, 10)}.`,
    `${Number(total) - 1} differences among ${lines} bill lines; ${shown} rows in the document. The wheel went ${wheeled} pixels, J to row ${at30 - 1}.`,
    '',
    '| what | frames | p50 ms | p95 ms | p99 ms | max ms | dropped (over 33.3 ms) | tasks over 50 ms | p95 beside a page at rest |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...table,
    '',
  ].join('\n')
  writeFileSync(join(out, 'differences.md'), text)
  writeFileSync(join(out, 'differences.csv'), `scroll,frame,ms\n${reported.join('\n')}\n`)
  console.log(text)
} finally {
  await browser?.close()
  await desk.stop()
  if (given === null) await desk.close()
}

/** The day whose run has the most differences, among the fortnight the demonstration and the filler know. */
async function biggestDay(context, account) {
  let best = { day: null, n: -1 }
  for (let ago = 0; ago < 21; ago += 1) {
    const day = new Date(Date.now() + 8 * 3_600_000 - ago * 86_400_000).toISOString().slice(0, 10)
    const { runs } = await call(context, desk.url, 'recon.day', { account_id: account, date: day })
    for (const run of runs) {
      const n = run.counts.reduce((sum, c) => sum + c.count, 0)
      if (n > best.n) best = { day, n }
    }
  }
  return best.day
}
