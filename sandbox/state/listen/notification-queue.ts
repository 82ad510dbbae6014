/** Queues notifications for a client while its session works or is in a transaction, or while it does not keep up. */
import { type Notification, notificationResponse } from './notifications.ts'

/** As many bytes as a thousand of the longest. A server keeps more, but not without end either. */
const most = 8_388_608

export class NotificationQueue {
  #heard: { channel: string; frame: Buffer }[] = []
  /** In bytes. */
  length = 0

  /** The client has left so many notifications unread that no session may send more. */
  get isBehind(): boolean {
    return this.length > most
  }

  /** Adds notifications of the session with this number. */
  add(processId: number, notifications: readonly Notification[]): void {
    for (const notification of notifications) {
      const frame = notificationResponse(processId, notification)
      this.#heard.push({ channel: notification.channel, frame })
      this.length += frame.length
    }
  }

  /** Takes the messages for the client, as far as it still listens to their channels. */
  take(listened: ReadonlySet<string>): readonly Buffer[] {
    if (this.#heard.length === 0) return nothing
    const told = this.#heard.filter(({ channel }) => listened.has(channel))
    this.#heard = []
    this.length = 0
    return told.map(({ frame }) => frame)
  }
}

const nothing: readonly Buffer[] = []
