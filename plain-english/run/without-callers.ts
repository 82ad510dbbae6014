/**
 * Runs a function so that stack traces within it end with it. Playwright captures one for each of its calls, whose cost grows
 * with the number of frames: those of the steps around a sentence would make it a tenth slower than the same in TypeScript.
 * @param run Does not throw before it returns its promise.
 */
export function withoutCallers<Value>(run: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    queueMicrotask(() => {
      // Functions of our own: a stack trace goes on at those of a promise.
      void run().then(
        value => resolve(value),
        error => reject(error),
      )
    })
  })
}
