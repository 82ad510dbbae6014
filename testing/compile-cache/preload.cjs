/**
 * Keeps what V8 has compiled of Playwright's bundles, eleven megabytes of source, for the next process that tests start with
 * `--require` of this file: without it, compiling takes a sixth of the processor time of a small run. Node itself has such a
 * cache from version 22 on. What V8 has compiled keeps the name of its file, by which Playwright tells its own frames from those
 * of a test: only the files of this checkout are kept, each by its path.
 */
const { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const vm = require('node:vm')
const { isMainThread } = require('node:worker_threads')

/** The large ones that do not import modules later: a compiled script cannot do so. (The loader's thread never does.) */
const bundles =
  /[\\/](playwright-core[\\/]lib[\\/](coreBundle|utilsBundle|serverRegistry)|playwright[\\/]lib[\\/](index|matchers[\\/]expect|runner[\\/]index|transform[\\/](babelBundle|esmLoader)|worker[\\/]workerProcessEntry))\.js$/
const modules = realpathSync(path.join(__dirname, '../../node_modules'))
const folder = path.join(modules, '.cache/reprise-tests')

/** Only what a process has called is compiled: a worker calls other functions than the process that has started it. */
const role = isMainThread ? roleOf(process.argv.slice(1)) : 'thread'

if (Module.enableCompileCache) Module.enableCompileCache()
else keepBundles()

function roleOf([program = '', command = '']) {
  if (program.includes('workerProcessEntry')) return 'worker'
  return ['test', 'merge-reports'].includes(command) ? command : 'other'
}

function keepBundles() {
  const compile = Module.prototype._compile
  Module.prototype._compile = function (content, filename, ...rest) {
    if (!filename.startsWith(modules + path.sep) || !bundles.test(filename)) {
      return compile.call(this, content, filename, ...rest)
    }
    const requireIn = Object.assign(id => this.require(id), Module.createRequire(filename))
    const wrapped = scriptOf(content, filename).runInThisContext()
    return wrapped.call(this.exports, this.exports, requireIn, this, filename, path.dirname(filename))
  }
}

function scriptOf(content, filename) {
  const { size, mtimeMs } = statSync(filename)
  const version = [process.version, process.arch, role, size, mtimeMs].join('-')
  // By the whole path: a copy of this checkout may have a copy of the cache.
  const file = path.join(folder, version, filename.replaceAll(':', ''))
  const cachedData = contentOf(file)
  const script = new vm.Script(Module.wrap(content), { filename, ...(cachedData && { cachedData }) })
  if (!cachedData || script.cachedDataRejected) keepAtEnd(() => write(file, script.createCachedData()))
  return script
}

/** With the functions that were compiled when they were first called. */
function keepAtEnd(keep) {
  if (isMainThread) process.once('exit', keep)
  // The thread of Playwright's loader ends without an event.
  else setTimeout(keep, 1000).unref()
}

function contentOf(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function write(file, data) {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    const own = `${file}.${process.pid}`
    writeFileSync(own, data)
    renameSync(own, file)
  } catch {
    // The next process compiles, too.
  }
}
