// @ts-check
/**
 * Pages, parameters and languages that it knows: kvembed/script.py puts them in.
 * @type {{keys: string[], least: number, most: number, lang: string,
 *   pages: Record<string, {path: string, room: string}>,
 *   texts: Record<string, Record<string, string>>}} least, most: heights in CSS pixels
 */
// @ts-expect-error: empty here
export const CONTRACT = {}
export const PAGES = new Map(Object.entries(CONTRACT.pages))
export const TEXTS = new Map(Object.entries(CONTRACT.texts))
