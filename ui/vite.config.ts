import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vitest/config'

const adopted = fileURLToPath(new URL('./src/theme/adopted-styles.ts', import.meta.url))

/**
 * antd writes its styles at run time into <style> elements, which a strict Content-Security-Policy
 * refuses. All of those writes go through two small modules; both are replaced by ours, which uses
 * constructed style sheets: these are script objects, need no nonce and no `unsafe-inline`.
 */
function cspSafeStyles(): Plugin {
  return {
    name: 'zf-csp-safe-styles',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer?.includes('node_modules') !== true) return null
      if (/\/Dom\/dynamicCSS(\.js)?$/.test(source)) return adopted
      if (/\.\/cssUtils(\.js)?$/.test(source) && importer.includes('@ant-design/icons')) return adopted
      return null
    },
  }
}

/**
 * The desktop window freezes Object.prototype (`freezePrototype` in tauri.conf.json). dayjs then cannot
 * assign `valueOf` and `toString` on its own prototype, because what is inherited is read-only; defining
 * them works. `tools/shot.mjs` freezes it too, so that the next such library shows itself.
 */
function frozenPrototypeDayjs(): Plugin {
  return {
    name: 'zf-frozen-prototype-dayjs',
    enforce: 'pre',
    transform(code, id) {
      if (!/dayjs[\\/]esm[\\/]index\.js/.test(id)) return null
      const defined = code.replace(
        /_proto\.(valueOf|toString) = (function \1\(\) \{[\s\S]*?\n {2}\});/g,
        "Object.defineProperty(_proto, '$1', { value: $2, writable: true, configurable: true });",
      )
      if ((defined.match(/defineProperty\(_proto/g) ?? []).length !== 2) this.error('dayjs changed: valueOf and toString were not found')
      return { code: defined, map: null }
    },
  }
}

/**
 * The same for ECharts, whose libraries set `constructor` on plain objects, where it is inherited from
 * the frozen prototype. Each place is defined instead of assigned; a place that has moved stops the build.
 */
const inheritedConstructors = [
  {
    file: /zrender[\\/]lib[\\/]core[\\/]util\.js/,
    assigned: 'clazz.prototype.constructor = clazz;',
    defined: "Object.defineProperty(clazz.prototype, 'constructor', { value: clazz, writable: true, configurable: true });",
  },
  {
    file: /echarts[\\/]lib[\\/]core[\\/]Scheduler\.js/,
    assigned: 'target[name_1] = noop;',
    defined: 'Object.defineProperty(target, name_1, { value: noop, writable: true, enumerable: true, configurable: true });',
  },
]

function frozenPrototypeEcharts(): Plugin {
  return {
    name: 'zf-frozen-prototype-echarts',
    enforce: 'pre',
    transform(code, id) {
      const place = inheritedConstructors.find(({ file }) => file.test(id))
      if (place === undefined) return null
      if (!code.includes(place.assigned)) this.error(`ECharts changed: ${place.assigned} was not found in ${id}`)
      return { code: code.replace(place.assigned, place.defined), map: null }
    },
  }
}

export default defineConfig({
  plugins: [cspSafeStyles(), frozenPrototypeDayjs(), frozenPrototypeEcharts(), react()],
  resolve: {
    alias: [
      { find: /^dayjs$/, replacement: 'dayjs/esm/index.js' },
      { find: /^dayjs\/(plugin|locale)\/([a-zA-Z-]+)(\.js)?$/, replacement: 'dayjs/esm/$1/$2' },
    ],
  },
  base: '/',
  server: { port: 5173, strictPort: true, proxy: { '/api': 'http://127.0.0.1:8787' } },
  optimizeDeps: { exclude: [] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Data: URLs for fonts would need a wider font-src; keep every asset a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      output: {
        // What every start needs comes in two files: a browser asks for six at a time, and twenty small
        // ones cost the first page more than they save.
        codeSplitting: {
          groups: [
            { name: 'libraries', tags: ['$initial'], test: /node_modules/, priority: 2 },
            { name: 'console', tags: ['$initial'], priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 20000,
  },
})
