/** Renders the page on which operators sign in and out. */
import { type Html, html } from '../../../pages/html.ts'
import { layout } from '../layout.ts'
import type { OperatorViewer, Viewer } from '../viewer.ts'

export interface SignInForm {
  /** Where to go afterwards. */
  next: string
  /** As it was entered. */
  name?: string
  /** Why the last attempt was refused. */
  refusal?: string
}

export function signInPage(viewer: Viewer, form: SignInForm): string {
  return layout(viewer, {
    title: 'Sign in',
    here: '/sign-in',
    body: html`<main><section>
  <h1>${viewer.kind === 'operator' ? 'Signed in' : 'Sign in'}</h1>
  ${viewer.kind === 'operator' ? signedIn(viewer) : viewer.maySignIn ? signIn(form) : noToken}
</section></main>`,
  })
}

function signedIn({ name, means }: OperatorViewer): Html {
  return html`<p>You act as <strong>${name}</strong>. <a href="/">Status</a></p>
  ${
    means === 'session'
      ? html`<form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>`
      : means === 'proxy'
        ? html`<p class="quiet">The proxy in front of this page has signed you in.</p>`
        : undefined
  }`
}

function signIn({ next, name = '', refusal }: SignInForm): Html {
  return html`<p>Operators see why a check fails, and act: they acknowledge incidents, mute alerts and open maintenance windows.</p>
  ${refusal !== undefined && html`<p class="remark" role="alert">${refusal}</p>`}
  <form method="post" action="/sign-in" class="fields">
    <input type="hidden" name="next" value="${next}">
    <p class="field"><label for="name">Your name, for the log</label>
      <input id="name" name="name" value="${name}" autocomplete="username" required maxlength="100"></p>
    <p class="field"><label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required></p>
    <button>Sign in</button>
  </form>`
}

const noToken = html`<p>No one can sign in: this monitor was started without <code>REPRISE_OPERATOR_TOKEN</code>.</p>
  <p><a href="/">Status</a></p>`
