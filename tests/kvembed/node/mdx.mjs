/** Compiles pages of MDX and renders them to HTML, as Docusaurus does: JSON lists in and out. */
import { text } from 'node:stream/consumers'
import { evaluate } from '@mdx-js/mdx'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import * as runtime from 'react/jsx-runtime'

const pages = JSON.parse(await text(process.stdin))
const rendered = pages.map(async (page) => {
  const { default: Page } = await evaluate(page, runtime)
  return renderToStaticMarkup(createElement(Page))
})
console.log(JSON.stringify(await Promise.all(rendered)))
