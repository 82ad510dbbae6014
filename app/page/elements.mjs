// Finds elements of the page; throws if one is missing in the HTML.

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function element(selector, type, within = document) {
  const found = within.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} ${selector}`)
  return found
}
