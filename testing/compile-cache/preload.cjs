/**
 * Keeps what V8 has compiled of Playwright's bundles, ten megabytes of source, for the next process that tests start with
 * `--require` of this file: without it, compiling takes a seventh of the processor time of a small run. Node itself has such a
 * cache from version 22 on. What V8 has compiled keeps the name of its file, by which Playwright tells its own frames from those
 * of a test: only the files of this checkout are kept, each by its path.
 */
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const vm = require('node:vm')

/** The large ones that do not import modules later: a compiled script cannot do so. */
const bundles =
  /[\\/]playwright(-core)?[\\/]lib[\\/](coreBundle|utilsBundle|transform[\\/]babelBundle|matchers[\\/]expect|runner[\\/]index)\.js$/
const modules = realpathSync(path.join(__dirname, '../../node_modules'))
const folder = path.join(modules, '.cache/reprise-tests')

if (Module.enableCompileCache) Module.enableCompileCache()
else keepBundles()

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
  const name = createHash('sha1')
    .update(`${process.version} ${process.arch} ${filename}\n`)
    .update(content)
    .digest('hex')
  const file = path.join(folder, name)
  const cachedData = contentOf(file)
  const script = new vm.Script(Module.wrap(content), { filename, ...(cachedData && { cachedData }) })
  // At the end, with the functions that were compiled when they were first called.
  if (!cachedData || script.cachedDataRejected) process.once('exit', () => write(file, script.createCachedData()))
  return script
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
    mkdirSync(folder, { recursive: true })
    const own = `${file}.${process.pid}`
    writeFileSync(own, data)
    renameSync(own, file)
  } catch {
    // The next process compiles, too.
  }
}
