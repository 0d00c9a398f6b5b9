/** Run by shape.test.ts in a process in which `new Function` throws: items go through the codec, often enough for code. */
import assert from 'node:assert'
import { copyItem } from '../../../../src/model/item/copy.js'
import { decodeAttribute, decodeItem, encodeItem, ItemCodec } from '../../../../src/model/item/item-codec.js'
import { shapeCounts } from '../../../../src/model/item/shape.js'
import { ShapeDictionary } from '../../../../src/model/item/shape-dictionary.js'

const dictionary = new ShapeDictionary()
const codec = new ItemCodec(dictionary)
assert.throws(() => new Function('return 1'), EvalError)
for (let index = 0; index < 300; index++) {
  const item = { pk: `a${index}`, map: { x: index, constructor: [null, { y: 1n }] }, tags: new Set(['a']) }
  const bytes = encodeItem(item)
  assert.deepStrictEqual(decodeItem(bytes), item)
  assert.deepStrictEqual(copyItem(item), item)
  assert.deepStrictEqual(decodeAttribute(bytes, 'map'), item.map)
  const numbered = codec.encode(item)
  assert.deepStrictEqual(codec.decode(numbered), item)
  assert.deepStrictEqual(codec.attribute(numbered, 'map'), item.map)
}
assert.equal(dictionary.size, 3)
console.log(`300 items, ${shapeCounts().coded} with code`)
