/** One exact view, read from the options of a directive by the rules of the contract. */
import contract from './contract.mjs'

const KNOWN = new Map([...contract.address, ...contract.placement].map((each) => [each.name, each]))

/**
 * The view that a page and its options ask for. Throws an Error, in words for the author, for what
 * the contract refuses.
 */
export function read(page, options) {
  if (!(page in contract.pages)) {
    throw new Error(`page="${page}" is not one of ${Object.keys(contract.pages).join(', ')}`)
  }
  const values = {}
  for (const [name, written] of Object.entries(options)) {
    values[name] = checked(KNOWN.get(name), unquoted(String(written)))
  }
  const pick = (parameters) =>
    Object.fromEntries(parameters.flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])))
  const query = pick(contract.address)
  const placement = pick(contract.placement)
  const { height, start } = placement
  const placed = Object.fromEntries(Object.entries({ height, start }).filter(([, value]) => value))
  const attributes = { page, ...query, ...placed, src: contract.server }
  return { page, query, placement, attributes, lang: query.lang ?? 'en' }
}

/** The address of the view, or of something that the site makes of it. */
export function address(view, resource) {
  const pairs = resource ? { page: view.page, ...view.query } : view.query
  const query = Object.entries(pairs).map((pair) => pair.map(encodeURIComponent).join('='))
  const path = resource ?? contract.pages[view.page].path
  return `${contract.server}/${path}` + (query.length ? `?${query.join('&')}` : '')
}

/** The text alternative: the author's own, else the title of the page and the prompt. */
export function describe(view) {
  const title = contract.pages[view.page].title[view.lang]
  return view.placement.alt ?? title + (view.query.prompt ? ` “${view.query.prompt}”` : '')
}

/** A whole JSON string stands for its value, anything else for itself. */
function unquoted(text) {
  if (!/^".*"$/su.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The value as an address has it. */
function checked({ name, kind, most, least, choices }, text) {
  const said = `${name}=${JSON.stringify(text)}`
  if (kind === 'text') {
    const length = [...text].length
    if (length > most) throw new Error(`${name} has ${length} characters, and at most ${most} fit`)
    if (/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text)) {
      throw new Error(`${name} has control or broken characters: take them out`)
    }
    return text
  }
  const words = text.split(',').map((word) => word.trim())
  if (kind === 'number' || (kind === 'height' && words[0] !== 'auto')) {
    const number = /^[0-9]{1,4}$/u.test(text.trim()) ? Number(text) : -1
    if (number < least || number > most) {
      throw new Error(`${said} is not a whole number from ${least} to ${most}`)
    }
    return String(number)
  }
  const wrong = kind === 'height' ? undefined : words.find((word) => !choices.includes(word))
  if (wrong !== undefined || (kind !== 'names' && words.length > 1)) {
    throw new Error(`${said} is not one of ${choices.join(', ')}`)
  }
  return words.join(',')
}
