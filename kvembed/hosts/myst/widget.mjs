/** The widget of a view in a MyST page: the site's own element, or a recording of it. */

export default {
  async render({ model, el }) {
    const attributes = model.get('attributes')
    const snapshot = model.get('snapshot')
    const host = el.getRootNode().host ?? el
    const still = host.nextElementSibling?.matches('.kv-cache-still') ? host.nextElementSibling : null
    let shown
    if (snapshot) {
      shown = document.createElement('iframe')
      set(shown, { sandbox: 'allow-scripts', title: model.get('alt'), srcdoc: snapshot })
      shown.style.cssText = `border:0;display:block;height:${model.get('height')}px;width:100%`
    } else {
      try {
        await import(/* webpackIgnore: true */ `${attributes.src}/embed.js`)
      } catch {
        return undefined // no server: the picture and the link stay
      }
      shown = document.createElement('kv-cache')
      set(shown, attributes)
      shown.append(fallback(model, still))
    }
    // Beside the shadow that MyST draws a widget in, not inside: there it would see neither the
    // colours of the page nor its language.
    if (host !== el) el.append(document.createElement('slot'))
    host.append(shown)
    if (still) still.hidden = true
    return () => {
      shown.remove()
      if (still) still.hidden = false
    }
  },
}

/** The picture of the figure in a link, as the element expects it. */
function fallback(model, still) {
  const link = document.createElement('a')
  link.href = model.get('link')
  const image = document.createElement('img')
  image.src = still?.querySelector('img')?.src ?? ''
  image.alt = model.get('alt')
  link.append(image.getAttribute('src') ? image : image.alt)
  return link
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
}
