/**
 * MyST and Jupyter Book 2: the directive `kv-cache`, and what it asks the site for during a build.
 *
 *     :::{kv-cache} why-not-q
 *     :prompt: The whale
 *     :step: 4
 *     :::
 *
 * MyST drops raw elements and knows no frame that grows, so a view becomes a widget, and a figure
 * after it with its picture and a link: that is what a PDF, a Word file or a reader without scripts
 * gets. The widget puts the figure away once it is there itself.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import contract from './contract.mjs'
import { address, describe, read } from './view.mjs'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const TIMEOUT = 10_000 // milliseconds; a view that nobody has asked for yet has to be computed
const SOURCE = 'kv-cache'

const directive = {
  name: 'kv-cache',
  doc: 'A live view of a KV cache.',
  arg: { type: String, required: true, doc: Object.keys(contract.pages).join(', ') },
  options: Object.fromEntries(
    [...contract.address, ...contract.placement].map(({ name, about }) => [
      name,
      { type: String, doc: about },
    ]),
  ),
  run(data, vfile) {
    try {
      const view = read(data.arg, data.options ?? {})
      return [widget(view, vfile), figure(view)]
    } catch (problem) {
      vfile.message(`kv-cache: ${problem.message}`, data.node, SOURCE)
      return [{ type: 'paragraph', children: [text(`kv-cache: ${problem.message}`)] }]
    }
  },
}

/** Asks the site for pictures and recordings while a page is built. */
const transform = {
  name: 'kv-cache-pictures',
  stage: 'document',
  plugin: (_options, utils) => async (tree, vfile) => {
    for (const node of utils.selectAll('anywidget,image', tree)) {
      const wanted = node.data?.[SOURCE]
      if (!wanted) continue
      delete node.data
      try {
        const found = await ask(wanted.url, wanted.type)
        if (node.type === 'image') node.url = dataUrl(found)
        else node.model.snapshot = found.toString('utf8')
      } catch (problem) {
        vfile.message(`kv-cache: ${problem.message}: ${wanted.instead}`, node, SOURCE)
        if (node.type === 'image') await standIn(node, wanted.picture)
        else Object.assign(node, { type: 'comment', value: SOURCE }) // the figure stays
      }
    }
  },
}

function widget(view, vfile) {
  const node = {
    type: 'anywidget',
    esm: path.relative(path.dirname(vfile.path), path.join(HERE, 'widget.mjs')),
    model: {
      attributes: view.attributes,
      alt: describe(view),
      link: address(view),
      height: Number(view.placement.height) || contract.frame_height, // of a recording
    },
    id: 'kv-cache',
  }
  if (view.placement.mode === 'snapshot') {
    const instead = 'a picture stands in for the snapshot'
    node.data = { [SOURCE]: { url: address(view, 'snapshot'), type: 'text/html', instead } }
  }
  return node
}

function figure(view) {
  const url = address(view, 'poster.svg')
  const instead = `the picture of the page stands in for this view of ${view.page}`
  const picture = contract.pages[view.page].picture[view.lang]
  const wanted = { url, type: 'image/svg+xml', picture, instead }
  const image = { type: 'image', url, alt: describe(view), data: { [SOURCE]: wanted } }
  const link = { type: 'link', url: address(view), children: [text(contract.open[view.lang])] }
  const caption = { type: 'caption', children: [{ type: 'paragraph', children: [link] }] }
  const kind = { type: 'container', kind: 'figure', class: 'kv-cache-still', enumerated: false }
  return { ...kind, children: [image, caption] }
}

const text = (value) => ({ type: 'text', value })

const dataUrl = (bytes) => `data:image/svg+xml;base64,${bytes.toString('base64')}`

/** The picture of the page that was installed beside this file, if there is one. */
async function standIn(image, picture) {
  const bytes = await readFile(path.join(HERE, picture)).catch(() => null)
  if (bytes) image.url = dataUrl(bytes)
}

let silent = ''

/** The answer of the site, in bytes. A whole build waits once for a site that is silent. */
async function ask(url, type) {
  if (silent) throw new Error(silent)
  let answer
  try {
    answer = await fetch(url, { headers: { Accept: type }, signal: AbortSignal.timeout(TIMEOUT) })
  } catch {
    silent = `${contract.server} does not answer`
    throw new Error(silent)
  }
  if (!answer.ok) throw new Error(`${contract.server} answered ${answer.status}`)
  const found = answer.headers.get('content-type') ?? 'nothing'
  // An older site answers an address that it does not know with a page.
  const kept = answer.headers.get('content-disposition')?.startsWith('attachment')
  if (!found.startsWith(type) || (type === 'text/html' && !kept)) {
    throw new Error(`${contract.server} answered with ${found}, which is not what was asked for`)
  }
  return Buffer.from(await answer.arrayBuffer())
}

export default { name: 'kv-cache', directives: [directive], transforms: [transform] }
