/** The server settings under which a confirmed commit survives a crash. */

/** As arguments for the `postgres` program. */
export function durableSettings({ port }: { port: number }): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    // None: its path could be too long, and TCP is enough here.
    unix_socket_directories: '',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '256MB',
    log_checkpoints: 'off',
    jit: 'off',
    max_connections: 50,
    timezone: 'UTC',
    log_timezone: 'UTC',
    restart_after_crash: 'on',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
