// @ts-check
/** Where this script comes from, where the server of an element is, and what it is asked for. */
import { CONTRACT, PAGES, TEXTS } from "./contract.js"
import { around } from "./surroundings.js"

/** @type {any} null in a module */
const tag = document.currentScript
const SCRIPT = url(tag ? tag.src : thrownAt())
/** How many may run at once. */
export const mostLive = Number(SCRIPT?.searchParams.get("max-live")) || 2

/** @param {string} text @param {URL|null} [base] @returns {URL|null} */
function url(text, base) {
  try {
    return new URL(text, base ?? undefined)
  } catch {
    return null
  }
}

/** Where this line stands: a module is not told its element. */
function thrownAt() {
  return /\w+:\/\/\S+?(?=:\d+:\d+)/.exec(String(new Error().stack))?.[0] ?? ""
}

/**
 * The address of the server, with a slash at its end; without one, of the script's server. A
 * recording has no server but the one that it names.
 * @param {Element} element
 */
export function serverOf(element) {
  const src = element.getAttribute("src") ?? ""
  const own = element.getAttribute("recording") ? null : url(".", SCRIPT)
  const server = /^https?:/.test(src) ? url(src) : own
  return server && url(server.pathname.replace(/\/*$/, "/"), server)
}

/** The language of the page around an element, if it is one of ours. @param {Element} element */
export function languageOf(element) {
  const said = [...around(element)].find((node) => node.hasAttribute("lang"))
  const lang = said?.getAttribute("lang") ?? ""
  const [code] = lang.toLowerCase().split(/[-_]/)
  return TEXTS.has(code) ? code : undefined
}

/** @param {Element} element */
export const pageOf = (element) => element.getAttribute("page") || "home"

/** The view that the attributes ask for, as an address has it. @param {Element} element */
export function viewOf(element) {
  const value = (key) => (key === "lang" ? languageOf(element) : element.getAttribute(key))
  return Object.fromEntries(CONTRACT.keys.map((key) => [key, value(key)]).filter((pair) => pair[1]))
}

/**
 * Empty without a server.
 * @param {Element} element @param {string} path below the server
 * @param {object} [more] parameters beside the view
 */
export function addressOf(element, path, more) {
  const server = serverOf(element)
  if (!server) return ""
  const address = new URL(encodeURIComponent(PAGES.get(path)?.path ?? path), server)
  address.search = String(new URLSearchParams({ ...more, ...viewOf(element) }))
  return address.href
}
