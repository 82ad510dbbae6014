/** Detects options of Playwright with which the requests of a test do not go directly to the environment, as through a proxy. */

/**
 * Whether options of a browser, a context or a test (`use`) set a proxy, rules for host names, or a remote browser. Options
 * that are functions count as such, since their result is not known.
 */
export function takesDetour(options: unknown): boolean {
  const { proxy, connectOptions, contextOptions, launchOptions, args, firefoxUserPrefs } = Object(options)
  if ([proxy, connectOptions].some(isGiven)) return true
  const groups = [contextOptions, launchOptions].map(givenIn)
  if (groups.some(group => typeof group === 'function' || (isGiven(group) && takesDetour(group)))) return true
  const preferences = Object.keys(Object(firefoxUserPrefs))
  return [args].flat().some(isDetouringArgument) || preferences.some(name => name.startsWith('network.'))
}

function isGiven(option: unknown): boolean {
  const value = givenIn(option)
  return value !== undefined && value !== null
}

/** An option is a value, or a list of the value and its scope. */
function givenIn(option: unknown): unknown {
  return Array.isArray(option) ? option[0] : option
}

function isDetouringArgument(argument: unknown): boolean {
  return typeof argument === 'string' && /^--(?:host-resolver-rules|host-rules|proxy-|no-proxy-server)/.test(argument)
}
