/**
 * What happens to a console in use: its server dies and comes back, an input method composes, language
 * and theme change under the open page.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Desk } from './console.mjs'
import { complaints, launch, open, settle, visit } from './pages.mjs'

const desk = new Desk()
let browser
const of = (id) => `[data-testid="${id}"]`
const row = `${of('orders-grid')} ${of('row')}`

before(async () => {
  await desk.demo()
  await desk.serve()
  browser = await launch()
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})

after(async () => {
  await browser?.close()
  await desk.close()
})

/** Opens the first paid order; gives its number. */
async function openOrder(page) {
  await visit(page, '/orders?state=paid')
  await page.locator(row).first().click()
  await page.waitForSelector(of('order-pane'))
  await settle(page)
  return (await page.locator(of('order-no')).first().innerText()).trim()
}

test('the server is killed and comes back: the place is kept', async () => {
  const page = await open(browser, desk.url, { role: 'clerk' })
  const order = await openOrder(page)
  await page.evaluate(() => {
    globalThis.zfSamePage = true
  })
  const address = page.url()

  await desk.stop('SIGKILL')
  await page.waitForSelector(of('offline'))
  // What was read stays readable; money stays where it is.
  assert.equal((await page.locator(of('order-no')).first().innerText()).trim(), order)
  assert.ok((await page.locator(row).count()) > 0, 'the list is still there')
  const refund = page.locator(of('action-request_refund')).first()
  await page.waitForFunction((css) => document.querySelector(css)?.matches(':disabled, [aria-disabled=true]') === true, of('action-request_refund'))
  assert.ok(await refund.isVisible())

  await desk.serve()
  await page.waitForSelector(of('offline'), { state: 'detached' })
  await page.waitForFunction((css) => document.querySelector(css)?.matches(':disabled, [aria-disabled=true]') === false, of('action-request_refund'))
  await settle(page)
  assert.equal(page.url(), address)
  assert.equal((await page.locator(of('order-no')).first().innerText()).trim(), order)
  assert.equal(await page.evaluate(() => globalThis.zfSamePage), true, 'the page was not loaded anew')
  await page.context().close()
})

/** Input methods send key presses with code 229, whatever key it was. */
async function composedKey(cdp, key, code) {
  await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229, key: 'Process', code })
  await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229, key, code })
}

test('a real composition of an input method triggers no key', async () => {
  const page = await open(browser, desk.url, { role: 'clerk' })
  await visit(page, '/orders')
  const cdp = await page.context().newCDPSession(page)
  await page.keyboard.press('/')
  await page.waitForFunction((css) => document.activeElement?.matches(`${css}, ${css} *`) === true, of('orders-search'))
  await page.evaluate(() => {
    globalThis.zfComposed = []
    for (const name of ['compositionstart', 'compositionupdate', 'compositionend'])
      document.addEventListener(name, (event) => globalThis.zfComposed.push(`${name} ${event.data}`), true)
  })
  const chosen = () => page.evaluate((css) => document.querySelectorAll(`${css}[aria-selected=true]`).length, row)
  const before = { address: page.url(), chosen: await chosen() }

  // "gd": with the keys alive, G D would leave for another page; J moves, Enter opens, Escape leaves.
  for (const [text, key, code] of [['g', 'g', 'KeyG'], ['gd', 'd', 'KeyD'], ['gdj', 'j', 'KeyJ']]) {
    await composedKey(cdp, key, code)
    await cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  }
  await composedKey(cdp, 'Enter', 'Enter')
  await composedKey(cdp, 'Escape', 'Escape')
  assert.deepEqual({ address: page.url(), chosen: await chosen() }, before)
  const focused = await page.evaluate((css) => document.activeElement?.matches(`${css}, ${css} *`), of('orders-search'))
  assert.ok(focused, 'Escape for the candidates does not leave the field')

  await cdp.send('Input.insertText', { text: '灯' })
  const composed = await page.evaluate(() => globalThis.zfComposed)
  assert.ok(composed.some((event) => event.startsWith('compositionstart')), 'a composition began')
  assert.ok(composed.some((event) => event === 'compositionend 灯'), composed.join(', '))
  assert.equal(await page.evaluate(() => document.activeElement.value), '灯')
  await page.context().close()
})

test('theme and language change without a reload', async () => {
  const page = await open(browser, desk.url, { role: 'clerk' })
  const order = await openOrder(page)
  await page.evaluate(() => {
    globalThis.zfSamePage = true
  })
  const ground = () => page.evaluate(() => getComputedStyle(document.querySelector('.zf-main')).getPropertyValue('--zf-layout') || getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await page.locator(of('who')).click()
  await page.locator(of('menu-theme')).click()
  await page.waitForFunction((was) => (getComputedStyle(document.querySelector('.zf-main')).getPropertyValue('--zf-layout') || getComputedStyle(document.body).backgroundColor) !== was, light)
  await page.locator(of('who')).click()
  await page.locator(of('menu-language')).click()
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  await settle(page)
  assert.deepEqual(await complaints(page, 'en'), [])
  assert.equal((await page.locator(of('order-no')).first().innerText()).trim(), order)
  assert.equal(await page.evaluate(() => globalThis.zfSamePage), true)
  await page.context().close()
})
