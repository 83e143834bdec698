/**
 * Takes a picture of a page.
 *
 *   node tools/shot.mjs --route /orders --out /tmp/orders.png [--dark] [--en] [--role approver]
 *        [--stage first_run] [--env sandbox] [--size 1440x900] [--url http://127.0.0.1:8787] [--do "click:testid;key:j;wait:200"]
 *
 * Without --url it serves `dist` with invented data (double.mjs). It says every console error and
 * every violation of the security policy, and ends with 1 when there was one.
 */
import { chromium } from 'playwright-core'
import { startDouble } from './double.mjs'

const args = process.argv.slice(2)
const option = (name, fallback) => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : args[at + 1]
}
const has = (name) => args.includes(`--${name}`)
const [width, height] = option('size', '1440x900').split('x').map(Number)

const own = option('url', null)
const double = own === null ? await startDouble({ stage: option('stage', 'ready'), role: option('role', 'clerk'), environment: option('env', 'demo') }) : null
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage({ viewport: { width, height }, timezoneId: 'Asia/Shanghai' })
const problems = []
page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
})
page.on('pageerror', (error) => problems.push(String(error)))
await page.addInitScript(
  ([mode, language]) => {
    // The desktop window freezes it (`freezePrototype`); whatever cannot live with that must show here.
    Object.freeze(Object.prototype)
    localStorage.setItem('zf.preferences', JSON.stringify({ mode, navSmall: false }))
    localStorage.setItem('zf.language', language)
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))
  },
  [has('dark') ? 'dark' : 'light', has('en') ? 'en' : 'zh'],
)
await page.goto(`${own ?? double.url}/#${option('route', '/orders')}`)
await page.waitForSelector('[data-testid^="page-"], .zf-door', { timeout: 20_000 })
await page.waitForLoadState('load')
await page.waitForFunction(() => document.querySelector('.zf-skeleton') === null, null, { timeout: 20_000 }).catch(() => console.log('still loading'))
await page.waitForTimeout(Number(option('wait', '500')))
for (const step of option('do', '').split(';').filter(Boolean)) {
  const [verb, ...rest] = step.split(':')
  const what = rest.join(':')
  if (verb === 'click') await page.getByTestId(what).first().click()
  if (verb === 'key') await page.keyboard.press(what)
  if (verb === 'type') await page.keyboard.type(what)
  if (verb === 'fill') {
    const [id, ...value] = what.split('=')
    await page.getByTestId(id).first().fill(value.join('='))
  }
  if (verb === 'wait') await page.waitForTimeout(Number(what))
}
await page.waitForTimeout(250)
await page.screenshot({ path: option('out', 'shot.png') })
await browser.close()
double?.close()
for (const problem of problems) console.log(problem)
process.exit(problems.length > 0 ? 1 : 0)
