/**
 * The paths of an update or a projection as a tree, one node for each step. It finds two paths of which one is inside the
 * other, and two that take the same thing for a list and for a map, in time linear in their length, however many there are.
 */
import { type DocumentPath, pathText } from './document-path.js'
import { type Problem, pathsConflict, pathsOverlap } from './wording.js'

export interface PathNode {
  readonly children: Map<string | number, PathNode>
  /** The first path that goes through here, or ends here. */
  readonly first: DocumentPath
  isEnd: boolean
}

export class PathTree {
  readonly root: PathNode = { children: new Map(), first: [], isEnd: false }
  overlap: Problem | undefined
  conflict: Problem | undefined

  add(path: DocumentPath): void {
    let node = this.root
    for (const step of path) {
      if (node.isEnd) break
      const [sibling] = node.children.values()
      const [other] = node.children.keys()
      if (sibling !== undefined && typeof other !== typeof step) {
        this.conflict ??= pathsConflict(pathText(sibling.first), pathText(path))
        return
      }
      let child = node.children.get(step)
      if (child === undefined) {
        child = { children: new Map(), first: path, isEnd: false }
        node.children.set(step, child)
      }
      node = child
    }
    if (node.isEnd || node.children.size > 0) this.overlap ??= pathsOverlap(pathText(node.first), pathText(path))
    else node.isEnd = true
  }
}
