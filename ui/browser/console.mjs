/**
 * A console on the real backend: `zf console` on a home of its own, started, killed and started again
 * by whoever drives a browser at it.
 *
 * The program is $ZF, or the debug build of the target folder.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const root = fileURLToPath(new URL('../..', import.meta.url))

export function program() {
  const zf = process.env.ZF ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/zf')
  if (!existsSync(zf)) throw new Error(`${zf} is not there: cargo build -p zf-cli, or name one with ZF=`)
  return zf
}

/** A home that vanishes with the process, and what `zf` says while it works in it. */
export class Desk {
  #folder = mkdtempSync(join(tmpdir(), 'zf-browser-'))
  #child = null
  home = join(this.#folder, 'home')
  url = ''

  /** Runs one command of `zf` on this home and gives its JSON. */
  async zf(...args) {
    const { stdout } = await run(program(), [...args, '--home', this.home, '--json'], { maxBuffer: 64 * 1024 * 1024 })
    return JSON.parse(stdout)
  }

  /** The home of the demonstration, made the way a newcomer makes it. */
  demo() {
    return this.zf('demo', '--fresh')
  }

  /** Serves the console; again at the same address when it was served before. */
  async serve() {
    const listen = this.url === '' ? '127.0.0.1:0' : new URL(this.url).host
    const child = spawn(program(), ['console', '--home', this.home, '--listen', listen, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let said = ''
    child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)))
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('exit', (code) => reject(new Error(`zf console ended with ${code}: ${said}`)))
    })
    this.url = JSON.parse(line).url.replace(/\/$/, '')
    return this.url
  }

  /** Ends the server; `SIGKILL` gives it no time to say goodbye. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child
    if (child === null) return
    this.#child = null
    const ended = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    // Pages hold a stream of events open: a polite end may wait for them.
    const late = setTimeout(() => child.kill('SIGKILL'), 3000)
    await ended
    clearTimeout(late)
  }

  async close() {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
