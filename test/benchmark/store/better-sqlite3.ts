/** SQLite through better-sqlite3: WAL, prepared statements, items as JSON beside their keys. */
import Database from 'better-sqlite3'
import type { BenchItem, OpenStore } from './store.js'

export const openStore: OpenStore = async ({ directory, mode, hasIndex }) => {
  const db = new Database(`${directory}/items.sqlite`)
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${mode === 'durable' ? 'FULL' : 'NORMAL'}`)
  db.pragma('cache_size = -65536')
  db.exec(
    'CREATE TABLE IF NOT EXISTS items (pk TEXT, sk TEXT, status TEXT, total REAL, doc TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID',
  )
  if (hasIndex) db.exec('CREATE INDEX IF NOT EXISTS by_status ON items (status, total)')
  const put = db.prepare('INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)')
  const get = db.prepare('SELECT doc FROM items WHERE pk = ? AND sk = ?').pluck()
  const remove = db.prepare('DELETE FROM items WHERE pk = ? AND sk = ?')
  const up = db.prepare('SELECT doc FROM items WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk LIMIT ?').pluck()
  const down = db.prepare('SELECT doc FROM items WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk DESC LIMIT ?').pluck()
  const all = db.prepare('SELECT doc FROM items').pluck()
  const byStatus = db.prepare('SELECT doc FROM items WHERE status = ? ORDER BY total LIMIT ?').pluck()
  const parse = (doc: unknown) => JSON.parse(doc as string) as BenchItem
  const write = (item: BenchItem) => void put.run(item.pk, item.sk, item.status, item.total, JSON.stringify(item))
  const read = (pk: string, sk: string) => {
    const doc = get.get(pk, sk)
    return doc === undefined ? undefined : parse(doc)
  }
  return {
    put: write,
    get: read,
    update: db.transaction((pk: string, sk: string, total: number) => write({ ...read(pk, sk)!, total })),
    delete: (pk, sk) => void remove.run(pk, sk),
    query: (pk, { reverse = false, limit = -1, prefix = '' }) =>
      (reverse ? down : up).all(pk, prefix, `${prefix}￿`, limit).map(parse),
    scanAbove: (total) => {
      let count = 0
      for (const doc of all.iterate()) if (parse(doc).total > total) count += 1
      return count
    },
    queryIndex: (status, limit) => byStatus.all(status, limit).map(parse),
    load: db.transaction((batch: readonly BenchItem[]) => batch.forEach(write)),
    settle: () => void db.pragma('wal_checkpoint(TRUNCATE)'),
    close: () => void db.close(),
  }
}
