/**
 * What the golden database of outlines holds: sorted files of version 2, of items that are long enough to be read without
 * their blocks, with entries of many lengths and of nearly one, and in the log what was changed since. Never written again: do
 * not change anything here; a new format gets files of its own.
 */
import { type Database, type TableDef, table, type } from '../../src/index.js'

export interface Letter {
  box: string
  number: number
  text: string
  read?: boolean
}

const key = ['box', 'number'] as const

export const Letters: TableDef<Letter, Letter, typeof key, Record<never, never>> = table('letters', {
  schema: type<Letter>(),
  key,
})

const BOXES = ['box-1', 'box-2'] as const
const COUNT = 60

function letter(box: string, number: number): Letter {
  const length = box === 'box-1' ? 150 + (number % 5) : (number * 37) % 600
  return { box, number, text: `letter ${number} in ${box} `.padEnd(length, '.') }
}

const isGone = (number: number) => number % 9 === 4
const isRead = (number: number) => number % 7 === 3

export async function writeGoldenOutlines(db: Database): Promise<void> {
  const letters = db.table(Letters)
  for (const box of BOXES) for (let number = 0; number < COUNT; number++) await letters.put(letter(box, number))
  await db.checkpoint()
  await db.compact()
  for (const box of BOXES) {
    for (let number = 0; number < COUNT; number++) {
      if (isGone(number)) await letters.delete({ box, number })
      else if (isRead(number)) await letters.put({ ...letter(box, number), read: true })
    }
  }
  await db.checkpoint()
}

/** What is under each key that there ever was. */
export function expectedLetters(): [Pick<Letter, 'box' | 'number'>, Letter | undefined][] {
  return BOXES.flatMap((box) =>
    Array.from({ length: COUNT }, (_, number): [Pick<Letter, 'box' | 'number'>, Letter | undefined] => {
      if (isGone(number)) return [{ box, number }, undefined]
      return [{ box, number }, isRead(number) ? { ...letter(box, number), read: true } : letter(box, number)]
    }),
  )
}
