/** A folder with somebody else's file FORMAT, or with a newer version's, was refused, but a claim was left in it. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { open } from '../../src/index.js'
import { filesBelow, temporaryFolder } from '../support/temporary-database.js'

test.each([
  ['NOT_A_DATABASE', Buffer.from('a specification of a format')],
  ['NEWER_FORMAT', Buffer.from('DYNAFILE\x02\0 whatever comes then')],
])('%s: nothing is left in the folder', async (code, bytes) => {
  const folder = temporaryFolder()
  fs.writeFileSync(path.join(folder, 'FORMAT'), bytes)
  await expect(open(folder)).rejects.toMatchObject({ code })
  expect(filesBelow(folder)).toEqual({ FORMAT: bytes.toString('latin1') })
})
