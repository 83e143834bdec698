/**
 * A stand-in for the core's HTTP door, for looking at pages without a backend. It serves `dist`
 * under the strictest security policy and answers procedures from invented data. It knows no rules:
 * it is for screenshots, never for proving behaviour.
 */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answers } from './double-data.mjs'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
export const policy =
  "default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Starts the double; `stage` and `role` choose who is signed in. */
export function startDouble({ stage = 'ready', role = 'clerk', environment = 'demo', delay = 0 } = {}) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://double')
    if (url.pathname === '/api/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      response.write(':ok\n\n')
      return
    }
    if (url.pathname.startsWith('/api/rpc/')) {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        const name = url.pathname.slice('/api/rpc/'.length)
        const answer = answers[name]
        setTimeout(() => {
          try {
            if (answer === undefined) throw { code: 'request.unknown', retry: 'never', params: { name }, message: `没有这个操作：${name}`, remedy: '' }
            const reply = answer(JSON.parse(body || '{}'), { stage, role, environment })
            response.writeHead(200, { 'Content-Type': 'application/json' })
            response.end(JSON.stringify(reply))
          } catch (error) {
            response.writeHead(400, { 'Content-Type': 'application/json' })
            response.end(JSON.stringify(error.code === undefined ? { code: 'internal', retry: 'later', params: { detail: String(error) }, message: String(error), remedy: '' } : error))
          }
        }, delay)
      })
      return
    }
    let file = normalize(join(dist, url.pathname))
    if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory()) file = join(dist, 'index.html')
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': policy })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }))
  })
}
