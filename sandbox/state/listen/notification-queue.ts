/** Queues the notifications for a client until its session is idle and the client reads. */
import { type Notification, notificationResponse } from './notifications.ts'

/** In bytes: a thousand of the longest notifications. The queue of a server is larger, but limited as well. */
const most = 8_388_608

export class NotificationQueue {
  #heard: { channel: string; frame: Buffer }[] = []
  /** In bytes. */
  length = 0

  /** The client is so far behind that further NOTIFY commands are rejected. */
  get isBehind(): boolean {
    return this.length > most
  }

  /** Adds notifications of the session with this process id. */
  add(processId: number, notifications: readonly Notification[]): void {
    for (const notification of notifications) {
      const frame = notificationResponse(processId, notification)
      this.#heard.push({ channel: notification.channel, frame })
      this.length += frame.length
    }
  }

  /** Empties the queue. Returns the NotificationResponse messages for channels that are still listened to. */
  take(listened: ReadonlySet<string>): readonly Buffer[] {
    if (this.#heard.length === 0) return nothing
    const delivered = this.#heard.filter(({ channel }) => listened.has(channel))
    this.#heard = []
    this.length = 0
    return delivered.map(({ frame }) => frame)
  }
}

const nothing: readonly Buffer[] = []
